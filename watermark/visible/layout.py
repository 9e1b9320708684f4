"""Where the words lie: rows of running text, turned and warped as one sheet by a keyed field.

The warp differs from picture to picture, so no common mark can be estimated from many of them (Dekel et al., "On the
effectiveness of visible watermarks", CVPR 2017, section 5).
"""

from __future__ import annotations

import math

import numpy as np

from watermark.recipe import Recipe
from watermark.visible.chance import Chance
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import strip
from watermark.visible.logo import logo_strip
from watermark.visible.pixels import Bytes, resize, sample
from watermark.visible.shaping import shape

HALF = 2
"""Letters are laid out at half the picture's size: a distance map loses nothing by it."""
LARGEST, SMALLEST = 84.0, 34.0
"""Letter sizes in units. At a long side of 480 px the smallest is 16 px high: still read without effort."""
ROW = 1.42
SMALL = 0.40
REACH = 0.14
"""A distance saturates at this part of a letter's size."""


def letters(canvas: Canvas, chance: Chance, recipe: Recipe) -> Bytes:
    """Distances to the words' outlines (see `glyphs`) at half the picture's size, rounded up."""
    high, wide = (canvas.height + 1) // HALF, (canvas.width + 1) // HALF
    unit = canvas.unit / HALF
    size = max(int(letter_units(recipe.text) * unit), 6)
    side = int(math.hypot(high, wide) + 60 * unit) + 2
    sheet = _sheet(side, size, chance, recipe)
    angle = math.radians(chance.between("angle", 13, 27)) * (1 if chance.between("lean", -1, 1) > 0 else -1)
    x, y = canvas.coordinates()
    x, y = x / np.float32(HALF) - wide / 2, y / np.float32(HALF) - high / 2
    sway = 11 * unit
    map_x = x * math.cos(angle) - y * math.sin(angle) + side / 2 + sway * smooth(canvas, chance, "sway x", 130)
    map_y = x * math.sin(angle) + y * math.cos(angle) + side / 2 + sway * smooth(canvas, chance, "sway y", 130)
    grown = [resize(np.asarray(m, np.float32), high, wide) for m in (map_x, map_y)]
    return sample(sheet, grown[0], grown[1])


def letter_units(text: str) -> float:
    """Letter size: one repetition spans most of the picture, within the limits of what reads well."""
    return min(max(880 / max(shape(text).width, 1), SMALLEST), LARGEST)


def _sheet(side: int, size: int, chance: Chance, recipe: Recipe) -> Bytes:
    sheet = np.zeros((side, side), np.uint8)
    small = max(int(size * SMALL), 5)
    rows = (_ring(recipe.text, size, recipe.logo), _ring(recipe.line2 or recipe.text, small, None))
    pitch, top, number = int(size * ROW), -int(chance.between("first row", 0, size)), 0
    while top < side:
        for ring, from_right, at in ((*rows[0], top), (*rows[1], top + int(size * 1.18))):
            shift = int(number * side * 0.62 + chance.between(f"row {number}", 0, 0.2) * ring.shape[1])
            _write(sheet, ring, -shift if from_right else shift, at)
        top, number = top + pitch + int(size * 0.42), number + 1
    return sheet


def _ring(text: str, size: int, logo: bytes | None) -> tuple[Bytes, bool]:
    """The logo, if any, then the line, then a gap: laid end to end they make an endless row."""
    reach = max(size * REACH, 1.5)
    line, from_right = strip(text, size, reach)
    parts = [line, np.zeros((line.shape[0], max(int(size * 0.9), 2)), np.uint8)]
    if logo is not None:
        parts.append(logo_strip(logo, size, reach))
    return np.hstack(parts[::-1] if from_right else parts), from_right


def _write(sheet: Bytes, ring: Bytes, shift: int, top: int) -> None:
    """Lay a window of the endless ring on a row of the sheet, keeping whichever letter is nearer."""
    first, last = max(top, 0), min(top + ring.shape[0], sheet.shape[0])
    if first >= last:
        return
    window = (np.arange(sheet.shape[1]) + shift) % ring.shape[1]
    np.maximum(sheet[first:last], ring[first - top : last - top, window], out=sheet[first:last])

"""Guilloche: families of fine curves whose phase is keyed, swirls around rosettes and follows the picture's relief.

A banknote's line work resists copying because no two places are alike. Here the phase also bends with the picture's own
light and shade, as an engraver's lines do: the curves of one picture are nowhere those of another, even under one key.
"""

from __future__ import annotations

import math

import numpy as np

from watermark.visible.chance import Chance
from watermark.visible.field import Canvas, smooth
from watermark.visible.pixels import Bytes, Floats, to_bytes

STEPS = 64
"""Phase steps of one period."""
FINEST = 3.2
"""The shortest period in px: below it, curves become grain."""
ROSETTES = 4


def curves(canvas: Canvas, chance: Chance, relief: Floats, family: str) -> Floats:
    """The height of every grid point in a keyed landscape, in px: its contours are the family's curves."""
    x, y = canvas.coordinates()
    unit = canvas.unit
    angle = chance.between(f"{family} angle", 0, math.pi)
    height = x * math.cos(angle) + y * math.sin(angle)
    height += 34 * unit * smooth(canvas, chance, f"{family} wave", 210)
    height += 7 * unit * smooth(canvas, chance, f"{family} ripple", 70)
    height += 5 * unit * relief
    for number in range(ROSETTES):
        height += _rosette(canvas, chance, f"{family} rosette {number}", x, y)
    return height.astype(np.float32)


def _rosette(canvas: Canvas, chance: Chance, name: str, x: Floats, y: Floats) -> Floats:
    """A flower-shaped hill: the curves around it close into a rosette."""
    centre_x = chance.between(f"{name} x", 0, canvas.width)
    centre_y = chance.between(f"{name} y", 0, canvas.height)
    radius = chance.between(f"{name} radius", 110, 220) * canvas.unit
    petals = round(chance.between(f"{name} petals", 5, 12))
    dx, dy = x - centre_x, y - centre_y
    distance = np.sqrt(dx * dx + dy * dy) / radius
    bell = np.square(np.maximum(0, 1 - distance * distance))
    flower = 1 + 0.3 * np.sin(petals * np.arctan2(dy, dx) + 5 * distance) * np.minimum(distance * 2, 1)
    return np.asarray(0.9 * radius * bell * flower, np.float32)


def phase(canvas: Canvas, height: Floats, period: float) -> Bytes:
    """The phase of the contours at the picture's size, in steps (0 to 63), `period` in units."""
    cycles = height / max(period * canvas.unit, FINEST)
    steps = canvas.grow(np.clip(cycles * STEPS, -32000, 32000).astype(np.int16))
    wrapped: Bytes = np.bitwise_and(steps, STEPS - 1).astype(np.uint8)
    return wrapped


def stroke(centre: float, width: float) -> Bytes:
    """A table from phase steps to the ink of a stroke: a raised cosine, both numbers in periods."""
    steps = np.arange(256) % STEPS / STEPS
    off = np.abs((steps - centre + 0.5) % 1 - 0.5) / (width / 2)
    return to_bytes(np.where(off < 1, 127.5 + 127.5 * np.cos(off * math.pi), 0))

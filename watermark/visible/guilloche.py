"""Guilloche: two families of fine curves whose phase is keyed, swirls around rosettes and follows the picture's relief.

A banknote's line work resists copying because no two places are alike. Here the phase also bends with the picture's own
light and shade, as an engraver's lines do: the curves of one picture are nowhere those of another, even under one key.
"""

from __future__ import annotations

import math

import numpy as np

from watermark.visible.chance import Chance, Floats
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import Bytes

STEPS = 64
"""Phase steps of one period."""
ROSETTES = 5


def phase(canvas: Canvas, chance: Chance, relief: Floats, name: str, period: float) -> Bytes:
    """The phase of one family at the picture's size, in steps (0 to 63), `period` in units."""
    x, y = canvas.coordinates()
    unit = canvas.unit
    period = max(period * unit, 3.2)
    angle = chance.between(f"{name} angle", 0, math.pi)
    cycles = (x * math.cos(angle) + y * math.sin(angle)) / period
    cycles += 34 * unit / period * smooth(canvas, chance, f"{name} wave", 210)
    cycles += 7 * unit / period * smooth(canvas, chance, f"{name} ripple", 70)
    cycles += 5 * unit / period * relief
    for number in range(ROSETTES):
        cycles += _rosette(canvas, chance, f"{name} rosette {number}", x, y) / period
    steps = np.asarray(canvas.grow(np.clip(cycles * STEPS, -32000, 32000).astype(np.int16)), np.int16)
    return np.bitwise_and(steps, STEPS - 1).astype(np.uint8)


def _rosette(canvas: Canvas, chance: Chance, name: str, x: Floats, y: Floats) -> Floats:
    """How far, in px, a rosette pushes the curves around it."""
    centre_x = chance.between(f"{name} x", 0, canvas.width)
    centre_y = chance.between(f"{name} y", 0, canvas.height)
    radius = chance.between(f"{name} radius", 110, 240) * canvas.unit
    petals = round(chance.between(f"{name} petals", 5, 12))
    dx, dy = x - centre_x, y - centre_y
    distance = np.sqrt(dx * dx + dy * dy) / radius
    bell = np.square(np.maximum(0, 1 - distance * distance))
    flower = 1 + 0.35 * np.sin(petals * np.arctan2(dy, dx) + 6 * distance) * np.minimum(distance * 2, 1)
    return np.asarray(0.55 * radius * bell * flower, np.float32)


def profile(light_at: float, dark_at: float, width: float) -> tuple[Bytes, Bytes]:
    """Look-up tables from phase steps to the light and the dark stroke of a curve (0 to 255).

    Each stroke is a raised cosine `width` periods wide. A light stroke beside a dark one shows on every ground and leaves
    the mean as it was.
    """
    steps = np.arange(256) % STEPS / STEPS

    def stroke(centre: float) -> Bytes:
        off = np.abs((steps - centre + 0.5) % 1 - 0.5) / (width / 2)
        return np.asarray(np.where(off < 1, 127.5 + 127.5 * np.cos(off * math.pi), 0), np.uint8)

    return stroke(light_at), stroke(dark_at)

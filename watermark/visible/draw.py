"""Draw the mark on the bent picture: soft tone, outlines, line work and slow light, all as light and dark opacity."""

from __future__ import annotations

import math

import cv2
import numpy as np

from watermark.visible.chance import Chance
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import EDGE
from watermark.visible.guilloche import curves, phase, stroke
from watermark.visible.pixels import Bytes, Floats, bump, inverse, look_up, plus, ramp, times, to_bytes
from watermark.visible.strengths import Weights
from watermark.visible.tone import Ground, opacity, polarity

WARP_PERIOD, WEFT_PERIOD = 4.8, 4.2
"""Distance of neighbouring curves outside and inside letters, in units."""
WASH_PERIOD = 220.0
"""The slow light and shade runs along the curves, in bands this wide."""
BUSY = 30
"""A standard deviation, in grey levels, from which a place counts as fully busy."""


def draw(bent: Bytes, canvas: Canvas, chance: Chance, ground: Ground, words: Bytes, weights: Weights) -> Bytes:
    """`words` are distances at half the picture's size."""
    light, dark = opacities(canvas, chance, ground, words, weights)
    planes = []
    for number, plane in enumerate(cv2.split(bent)):
        tint = 1 - weights.tint * (1 + smooth(canvas, chance, f"tint {number}", 110)) / 2
        share = canvas.grow(to_bytes(255 * tint))
        lifted, sunk = times(light, share), times(dark, share)
        planes.append(plus(times(np.asarray(plane, np.uint8), inverse(plus(lifted, sunk))), lifted))
    return np.asarray(cv2.merge(planes), np.uint8)


def opacities(canvas: Canvas, chance: Chance, ground: Ground, words: Bytes, weights: Weights) -> tuple[Bytes, Bytes]:
    """How strongly each pixel is drawn towards white, and towards black (of 255), without any tint."""
    words = canvas.grow(words)
    warp = curves(canvas, chance, ground.relief, "warp")
    light, dark = _line_work(canvas, chance, ground, words, weights, warp)
    for veil, signed in _veils(canvas, chance, ground, words, weights, warp):
        up, down = (canvas.grow(part) for part in opacity(signed * ground.room, ground.mean))
        light = plus(light, up if veil is None else times(veil, up))
        dark = plus(dark, down if veil is None else times(veil, down))
    if ground.print.any():
        light, dark = _mist(canvas, ground, words, weights, light, dark)
    return light, dark


def _veils(
    canvas: Canvas, chance: Chance, ground: Ground, words: Bytes, weights: Weights, warp: Floats
) -> list[tuple[Bytes | None, Floats]]:
    """Where (everywhere if None) the picture is shifted, and by how many grey levels."""
    sign = polarity(canvas, chance, ground)
    busy = np.clip(ground.unrest / BUSY, 0, 1)
    soft, rim = look_up(words, ramp(EDGE - 60, EDGE + 60)), look_up(words, bump(EDGE, 26))
    wave = np.sin(warp * (2 * math.pi / (WASH_PERIOD * canvas.unit)) + 2 * smooth(canvas, chance, "wash", 150))
    return [
        (soft, np.asarray(sign * (weights.tone + weights.tone_busy * busy), np.float32)),
        (rim, np.asarray(-sign * weights.edge, np.float32)),
        (None, np.asarray(weights.wash * wave, np.float32)),
    ]


def _mist(
    canvas: Canvas, ground: Ground, words: Bytes, weights: Weights, light: Bytes, dark: Bytes
) -> tuple[Bytes, Bytes]:
    """Over print, letters are also a mist that greys paper and ink: black text must not stay black, nor paper white."""
    soft = look_up(words, ramp(EDGE - 40, EDGE + 30))
    parts = (canvas.grow(to_bytes(255 * weights.mist * share * ground.print)) for share in (0.5, 1.0))
    lift, sink = (times(soft, part) for part in parts)
    return plus(light, lift), plus(dark, sink)


def _line_work(
    canvas: Canvas, chance: Chance, ground: Ground, words: Bytes, weights: Weights, warp: Floats
) -> tuple[Bytes, Bytes]:
    """Light and dark strokes. One family runs outside letters, another inside: they are told apart by the line alone."""
    weft = curves(canvas, chance, ground.relief, "weft")
    outside = look_up(words, times(ramp(EDGE + 14, EDGE - 14), np.full(256, round(255 * weights.ground), np.uint8)))
    inside = look_up(words, ramp(EDGE - 14, EDGE + 14))
    power = weights.line * ground.room * (0.6 + 0.4 * np.clip(ground.unrest / BUSY, 0, 1.5))
    outer, inner = phase(canvas, warp, WARP_PERIOD), phase(canvas, weft, WEFT_PERIOD)
    strokes = []
    for centre, room in ((0.3, 255 - ground.mean), (0.62, ground.mean)):
        table = stroke(centre, weights.width)
        both = plus(
            times(look_up(outer, table), outside),
            times(look_up(inner, table), inside),
        )
        share = np.maximum(power / np.maximum(room, 60), weights.print * ground.print)
        strokes.append(times(both, canvas.grow(to_bytes(255 * share))))
    return strokes[0], strokes[1]

"""Lay the visible mark on a proof.

The order matters: the picture is surveyed before it is bent, so that the mark follows what the client sees; it is bent
before it is drawn on, so that strokes stay sharp; and the result is checked last, so that nothing clean gets out.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from watermark.errors import MarkFailed
from watermark.recipe import Recipe
from watermark.visible.bend import bend
from watermark.visible.chance import Chance
from watermark.visible.check import require_marked
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import EDGE, Bytes
from watermark.visible.guilloche import phase, profile
from watermark.visible.layout import letters
from watermark.visible.strengths import WEIGHTS, Weights
from watermark.visible.tone import Ground, opacity, polarity, survey, to_bytes

FEWEST_PIXELS = 16
LINE_LEVELS = 96
"""Line opacities are kept as a share of this many levels, so that a byte holds them."""


def apply_mark(picture: npt.NDArray[np.uint8], recipe: Recipe, key: bytes, page: int) -> npt.NDArray[np.uint8]:
    """The picture (height x width x 3, sRGB bytes) with its visible mark, of the same size, in a new array.

    The same picture, recipe, key and page always give the same pixels. `key` is the asset's secret, `page` its page.
    Raises RecipeError for text or a logo that can't be drawn, MarkFailed for a picture that can't be marked.
    """
    recipe.validate()
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 1:
        raise MarkFailed
    if not key:
        raise MarkFailed("The mark needs a key.")
    picture = np.ascontiguousarray(picture)
    canvas = Canvas(*picture.shape[:2])
    chance = Chance(key, page, b"mark")
    weights = WEIGHTS[recipe.strength]
    ground = survey(picture, canvas)
    words = letters(canvas, chance, recipe.text, recipe.line2)
    height = cv2.LUT(words, _ramp(EDGE - 30, EDGE + 20, weights.bend_ground))
    bent = bend(picture, canvas, chance, height, weights.bend * canvas.unit)
    marked = _draw(bent, canvas, chance, ground, words, weights)
    require_marked(picture, marked)
    return marked


def _draw(
    bent: npt.NDArray[np.uint8], canvas: Canvas, chance: Chance, ground: Ground, words: Bytes, weights: Weights
) -> npt.NDArray[np.uint8]:
    words = np.asarray(canvas.grow(words), np.uint8)
    soft = cv2.LUT(words, _ramp(EDGE - 60, EDGE + 60))
    rim = cv2.LUT(words, _bump(EDGE, 26))
    within = cv2.LUT(words, _ramp(EDGE - 16, EDGE + 16, weights.ground))
    light_lines, dark_lines = _lines(canvas, chance, ground, within)
    sign = polarity(canvas, chance, ground)
    shift = sign * (weights.tone + weights.tone_busy * np.clip(ground.unrest / 30, 0, 1))
    wash = weights.wash * smooth(canvas, chance, "wash", 120)
    planes = []
    for number, plane in enumerate(cv2.split(bent)):
        tint = 1 + 0.3 * smooth(canvas, chance, f"tint {number}", 90)
        light, dark = (
            cv2.multiply(soft, np.asarray(canvas.grow(part), np.uint8), scale=1 / 255)
            for part in opacity(shift * tint, ground.mean)
        )
        for part, into in zip(opacity(-sign * weights.edge * tint, ground.mean), (light, dark), strict=True):
            cv2.add(into, cv2.multiply(rim, np.asarray(canvas.grow(part), np.uint8), scale=1 / 255), dst=into)
        for part, into in zip(opacity(wash * tint, ground.mean), (light, dark), strict=True):
            cv2.add(into, np.asarray(canvas.grow(part), np.uint8), dst=into)
        power = weights.line * tint * (0.6 + 0.4 * np.clip(ground.unrest / 30, 0, 1.5))
        up = to_bytes(power / np.maximum(255 - ground.mean, 60) * 255)
        down = to_bytes(power / np.maximum(ground.mean, 60) * 255)
        cv2.add(light, cv2.multiply(light_lines, np.asarray(canvas.grow(up), np.uint8), scale=1 / 255), dst=light)
        cv2.add(dark, cv2.multiply(dark_lines, np.asarray(canvas.grow(down), np.uint8), scale=1 / 255), dst=dark)
        keep = cv2.bitwise_not(cv2.add(light, dark))
        planes.append(cv2.add(cv2.multiply(plane, keep, scale=1 / 255), light))
    return np.asarray(cv2.merge(planes), np.uint8)


def _lines(canvas: Canvas, chance: Chance, ground: Ground, within: Bytes) -> tuple[Bytes, Bytes]:
    first = phase(canvas, chance, ground.relief, "warp", 4.6)
    second = phase(canvas, chance, ground.relief, "weft", 6.4)
    light_table, dark_table = profile(0.3, 0.62, 0.5)
    light = cv2.max(cv2.LUT(first, light_table), cv2.LUT(second, light_table))
    dark = cv2.max(cv2.LUT(first, dark_table), cv2.LUT(second, dark_table))
    return (cv2.multiply(light, within, scale=1 / 255), cv2.multiply(dark, within, scale=1 / 255))


def _ramp(start: int, end: int, floor: float = 0.0) -> Bytes:
    """A table that climbs smoothly from `floor` to full between two distances."""
    t = np.clip((np.arange(256) - start) / (end - start), 0, 1)
    return np.asarray(np.rint(255 * (floor + (1 - floor) * t * t * (3 - 2 * t))), np.uint8)


def _bump(centre: int, half: int) -> Bytes:
    """A table that is full at one distance and falls to nothing `half` steps from it."""
    t = np.clip(1 - np.abs(np.arange(256) - centre) / half, 0, 1)
    return np.asarray(np.rint(255 * t * t * (3 - 2 * t)), np.uint8)

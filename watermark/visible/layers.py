"""The visible mark for a film: layers to lay over it, one for every few seconds, keyed anew as often as the scene changes.

Lines that stood still for a minute could be told from what moves behind them; and lines that changed over what stands still could be averaged
out. So a scene that was there before has the lines that it had. A layer cannot bend the picture under it, as the mark on a photograph does;
the tones and the line work are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import cv2
import numpy as np

from watermark.errors import MarkFailed
from watermark.pipeline import Deadline
from watermark.recipe import Recipe
from watermark.visible.chance import Chance
from watermark.visible.check import is_marked
from watermark.visible.draw import opacities
from watermark.visible.field import Canvas
from watermark.visible.layout import letters
from watermark.visible.mark import fingerprint
from watermark.visible.pixels import Bytes, plus
from watermark.visible.strengths import WEIGHTS
from watermark.visible.tone import survey

SAME_LEVEL, SAME_SHARE = 8, 0.6
FILM: int = 1 << 20
"""Layers are numbered from here, so that none has the geometry of a page."""


def layer(scene: Bytes, recipe: Recipe, key: bytes, number: int) -> bytes:
    """A PNG with transparency, of the scene's size: the mark as it lies over that scene. Raises RecipeError, MarkFailed."""
    recipe.validate()
    if not key:
        raise MarkFailed("The mark needs a key.")
    canvas = Canvas(*scene.shape[:2])
    chance = Chance(key, FILM + number, fingerprint(scene))
    # What comes a moment later may be lighter or darker, so the layer is drawn for something between the scene and grey.
    ground = survey(np.asarray(scene // 2 + 64, np.uint8), canvas)
    words = letters(canvas, chance, recipe)
    light, dark = opacities(canvas, chance, ground, words, WEIGHTS[recipe.strength])
    alpha = plus(light, dark)
    grey = np.asarray(255 * light.astype(np.float32) / np.maximum(alpha, 1), np.uint8)
    worked, png = cv2.imencode(".png", cv2.merge([grey, grey, grey, alpha]), [cv2.IMWRITE_PNG_COMPRESSION, 2])
    if not worked:
        raise MarkFailed
    return png.tobytes()


def every_layer(shown: Iterator[Bytes], recipe: Recipe, key: bytes) -> Iterator[bytes]:
    """A layer for each scene in turn. Raises as `layer`."""
    drawn: list[tuple[Bytes, bytes]] = []
    for number, scene in enumerate(shown, 1):
        small = np.asarray(cv2.resize(scene, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.uint8)
        known = next((png for before, png in drawn if _alike(before, small)), None)
        if known is None:
            known = layer(scene, recipe, key, number)
            drawn.append((small, known))
        yield known


def _alike(before: Bytes, now: Bytes) -> bool:
    """Most of what is seen is the same: a talker before a wall, too. Both at a quarter of the size, where noise is nothing."""
    return float((cv2.absdiff(before, now).max(axis=2) <= SAME_LEVEL).mean()) >= SAME_SHARE


def scenes(file: BinaryIO, width: int, height: int, together: int) -> Iterator[Bytes]:
    """The mean of each `together` pictures of a film; bare RGB, one after the other."""
    size = width * height * 3
    while True:
        data = file.read(size * together)
        count = len(data) // size
        if not count:
            return
        pictures = np.frombuffer(data[: count * size], np.uint8).reshape(count, height, width, 3)
        yield pictures.mean(axis=0, dtype=np.float32).astype(np.uint8)


def insist_marked(file: BinaryIO, width: int, height: int, deadline: Deadline) -> None:
    """Each picture has the clean film on its left and the marked one on its right: the mark must show in all of them, all over.

    Raises MarkFailed, also when there is no picture to be looked at.
    """
    size, seen = 2 * width * height * 3, 0
    while len(data := file.read(size)) == size:
        deadline.check()
        both = np.frombuffer(data, np.uint8).reshape(height, 2 * width, 3)
        if not is_marked(both[:, :width], both[:, width:]):
            raise MarkFailed
        seen += 1
    if data or not seen:
        raise MarkFailed

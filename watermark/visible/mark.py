"""Lay the visible mark on a proof.

The order matters: the picture is surveyed before it is bent, so that the mark follows what the client sees; it is bent
before it is drawn on, so that strokes stay sharp; and the result is checked last, so that nothing clean gets out.
"""

from __future__ import annotations

import hashlib

import numpy as np

from watermark.errors import MarkFailed
from watermark.recipe import Recipe
from watermark.visible.bend import bend
from watermark.visible.chance import Chance
from watermark.visible.check import is_marked
from watermark.visible.draw import draw
from watermark.visible.field import Canvas
from watermark.visible.glyphs import EDGE
from watermark.visible.hatch import hatch
from watermark.visible.layout import letters
from watermark.visible.pixels import Bytes, look_up, ramp, resize, to_bytes
from watermark.visible.strengths import WEIGHTS
from watermark.visible.tone import survey

HATCH_LEVELS = 40


def apply_mark(picture: Bytes, recipe: Recipe, key: bytes, page: int) -> Bytes:
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
    chance = Chance(key, page, fingerprint(picture))
    weights = WEIGHTS[recipe.strength]
    ground = survey(picture, canvas)
    words = letters(canvas, chance, recipe)
    glass = look_up(words, ramp(EDGE - 30, EDGE + 20, weights.bend_ground))
    if ground.print.any():
        # Text is read by its shape: on a printed page the whole of it sways a little, not only what lies under letters.
        glass = np.maximum(glass, resize(to_bytes(160 * ground.print), *glass.shape))
    bent = bend(picture, canvas, chance, glass, weights.bend * canvas.unit)
    marked = draw(bent, canvas, chance, ground, words, weights)
    if not is_marked(picture, marked):
        marked = hatch(marked, HATCH_LEVELS)
        if not is_marked(picture, marked):
            raise MarkFailed
    return marked


def fingerprint(picture: Bytes) -> bytes:
    """Of the picture itself: whoever has the key but not the clean picture can't even draw the same lines.

    Plain bytes of every eighth pixel, so that no library's rounding can change it.
    """
    sparse = np.ascontiguousarray(picture[::8, ::8])
    return hashlib.blake2b(repr(picture.shape).encode() + sparse.tobytes(), digest_size=16).digest()

"""The studio's logo as one more letter: its outline is woven in where a line of text begins."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from watermark.errors import RecipeError
from watermark.visible.glyphs import distances
from watermark.visible.pixels import Bytes

MOST_PIXELS = 4_000_000
WIDEST = 6
"""A logo wider than this many times its height is drawn smaller."""


@lru_cache(maxsize=16)
def logo_strip(png: bytes, size: int, reach: float) -> Bytes:
    """Distances to the logo's outline, as high as a line of text of that size. Raises RecipeError if it can't be read."""
    shape = _silhouette(png)
    scale = min(size * 0.95 / shape.shape[0], size * WIDEST / shape.shape[1])
    wide, high = (max(round(side * scale), 2) for side in (shape.shape[1], shape.shape[0]))
    ink = np.zeros((int(size * 1.5), wide + size // 3), np.uint8)
    top = max((int(size * 1.5) - high) // 2, 0)
    small = cv2.resize(shape, (wide, high), interpolation=cv2.INTER_AREA)
    ink[top : top + high, :wide] = np.where(small > 127, 255, 0)
    return distances(ink, reach)


def _silhouette(png: bytes) -> Bytes:
    """255 where the logo is: its opaque part, or in an opaque picture whatever differs from the corners."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise RecipeError("The logo has too many pixels: four million are enough.")
                values = np.asarray(picture.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        if isinstance(fault, RecipeError):
            raise
        raise RecipeError("The logo is no PNG picture that can be read.") from fault
    shape = values[..., 3].copy()
    if shape.min() > 127:
        grey = values[..., :3].mean(axis=2)
        corners = np.median([grey[0, 0], grey[0, -1], grey[-1, 0], grey[-1, -1]])
        shape = np.where(np.abs(grey - corners) > 40, 255, 0).astype(np.uint8)
    rows, columns = np.flatnonzero(shape.max(axis=1) > 127), np.flatnonzero(shape.max(axis=0) > 127)
    if not rows.size:
        raise RecipeError("The logo is empty: nothing in it can be drawn.")
    return np.ascontiguousarray(shape[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])

"""Put the visible mark on, and refuse any answer that is not a marked picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from watermark.errors import MarkFailed, RecipeError
from watermark.pipeline import Pixels
from watermark.recipe import Recipe

Marker: TypeAlias = Callable[[Pixels, Recipe, bytes, int], Pixels]
"""(picture uint8 height x width x 3 sRGB, recipe, the asset's key, page from 1) -> the marked picture, same shape."""


def mark(clean: Pixels, recipe: Recipe, key: bytes, page: int, marker: Marker) -> Pixels:
    """The marked picture. Raises MarkFailed if the marker fails or leaves the picture as it was; RecipeError passes."""
    clean = clean.view()
    clean.flags.writeable = False
    try:
        marked = marker(clean, recipe, key, page)
    except (RecipeError, MemoryError):
        raise
    except Exception as fault:  # whatever went wrong, the clean picture must not go on
        raise MarkFailed from fault
    if not isinstance(marked, np.ndarray) or marked.shape != clean.shape or marked.dtype != np.uint8:
        raise MarkFailed
    if not _differs(clean, marked):
        raise MarkFailed
    return np.ascontiguousarray(marked)


def _differs(clean: Pixels, marked: Pixels) -> bool:
    """True if at least one pixel in 500 moved (any pixel of a tiny picture). A sparse look is enough: marks are wide."""
    sparse = slice(None, None, 3 if min(clean.shape[:2]) > 300 else 1)
    moved = clean[sparse, sparse] != marked[sparse, sparse]
    changed = moved[:, :, 0] | moved[:, :, 1] | moved[:, :, 2]
    enough: int = max(1, changed.size // 500)
    return int(np.count_nonzero(changed)) >= enough

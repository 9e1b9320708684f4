"""The last resort for a picture too small or too plain for the mark to take: a plain hatch that can't be overlooked."""

from __future__ import annotations

import numpy as np

from watermark.visible.pixels import Bytes

TINY = 8
"""Below this many px on a side, every pixel is shifted."""


def hatch(marked: Bytes, levels: int) -> Bytes:
    """Shift every other diagonal pair of pixels by `levels`, away from the nearer end of the scale."""
    height, width = marked.shape[:2]
    rows, columns = np.ogrid[:height, :width]
    lines = ((rows + columns) % 4 < 2) | (min(height, width) < TINY)
    shift = np.where(marked > 127, -levels, levels) * lines[..., None]
    hatched: Bytes = (marked.astype(np.int16) + shift).astype(np.uint8)
    return hatched

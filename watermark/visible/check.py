"""The last step: a picture whose mark did not take is never handed on."""

from __future__ import annotations

import cv2
import numpy as np

from watermark.visible.pixels import Bytes

CELLS = 4
LEAST_CHANGE = 5
"""Grey levels by which a pixel must differ to count as marked."""
LEAST_SHARE = 0.08
"""The part of every cell's pixels that must be marked."""

SAMPLED_FROM, SAMPLED_STEP = 900, 3
"""From this long side on, every third pixel of every third row speaks for its neighbours."""


def is_marked(clean: Bytes, marked: Bytes) -> bool:
    """Whether the mark shows in each cell of a 4 x 4 grid (fewer where there are fewer pixels)."""
    if clean.shape != marked.shape:
        return False
    step = 1 if max(clean.shape) < SAMPLED_FROM else SAMPLED_STEP
    sampled = (np.ascontiguousarray(picture[::step, ::step]) for picture in (clean, marked))
    red, green, blue = cv2.split(cv2.absdiff(*sampled))
    change = (
        np.asarray(cv2.max(cv2.max(red, green), blue)) >= LEAST_CHANGE
    )  # numpy's own maximum takes ten times as long
    return all(
        cell.mean() >= LEAST_SHARE
        for row in np.array_split(change, min(CELLS, change.shape[0]), axis=0)
        for cell in np.array_split(row, min(CELLS, change.shape[1]), axis=1)
    )

"""What comes in: any 8-bit array to luma of a size worth searching, or a clear refusal."""

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic.errors import NotAPicture

MOST_PIXELS = 2_600_000
"""Larger pictures are shrunk to this before they are searched: about the largest rendition served."""
MOST_SIDE = 8192
"""And no side is searched past this, so that a ribbon of a picture costs no more than a square one."""


def checked(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The array as RGB or grey, alpha dropped. Raises NotAPicture."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        raise NotAPicture("a picture is an array of 8-bit values")
    if picture.size == 0 or not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (1, 3, 4))):
        raise NotAPicture("a picture is height x width, or height x width x 1, 3 or 4, and not empty")
    if picture.ndim == 3 and picture.shape[2] == 1:
        return picture[:, :, 0]
    return picture[:, :, :3] if picture.ndim == 3 else picture


def luma(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """BT.601 luma (h, w) of a checked picture."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY), np.uint8)


def searchable(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma shrunk to the size limits, as float."""
    grey = luma(picture)
    height, width = grey.shape
    if max(height, width) > MOST_SIDE:
        middle = MOST_SIDE // 2
        top, left = max(0, height // 2 - middle), max(0, width // 2 - middle)
        if min(height, width) * MOST_SIDE <= MOST_PIXELS:
            grey = grey[top : top + MOST_SIDE, left : left + MOST_SIDE]
            height, width = grey.shape
    scale = np.sqrt(MOST_PIXELS / (height * width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    return grey.astype(np.float32)

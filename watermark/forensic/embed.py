"""Laying the mark: the link's tile, repeated, as strong as each place allows, added alike to red, green and blue."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic import chips, perceptual, picture
from watermark.forensic.errors import NotAPayload, NotAPicture, TooSmall

TILE = 131
"""The tile's side in pixels on pictures up to REFERENCE; odd, so that JPEG's 8-pixel blocks never fold onto themselves."""
REFERENCE = 1600
"""Longer pictures get a larger tile in proportion: they will be shrunk further when they are passed on."""
FINE = 128
"""Strength and tile are whole numbers of this fraction of a level, so that the sum over a picture stays in 16 bits."""
LEAST_SIDE = 160
LEAST_AREA = 160 * 240


def tile_side(width: int, height: int) -> int:
    """The tile's side in pixels for a picture of this size."""
    return max(TILE, round(TILE * max(width, height) / REFERENCE))


def carries(width: int, height: int) -> bool:
    """Whether a picture of this size holds enough tiles for the mark to be read back."""
    side = tile_side(width, height)
    return min(width, height) >= max(LEAST_SIDE, 1.25 * side) and width * height >= max(LEAST_AREA, 3 * side * side)


@functools.lru_cache(maxsize=32)
def _tile(key: bytes, payload: int, side: int) -> NDArray[np.int16]:
    return np.rint(chips.draw(chips.cells(key, payload), side) * FINE).astype(np.int16)


def embed(cover: NDArray[np.uint8], payload: int, key: bytes, *, gain: float = 1.0) -> NDArray[np.uint8]:
    """Mark RGB (h, w, 3) with a payload; the cover is not touched. Deterministic.

    `gain` multiplies the strength: 1 is the tuned strength, above 1 is for a second try when a read-back failed.
    Raises NotAPicture, NotAPayload, and TooSmall where `carries` says no.
    """
    source = picture.checked(cover)
    if source.ndim != 3:
        raise NotAPicture("a picture to be marked is height x width x 3")
    if not 0 <= payload < 1 << chips.PAYLOAD_BITS:
        raise NotAPayload(f"a payload has {chips.PAYLOAD_BITS} bits")
    height, width = source.shape[:2]
    if not carries(width, height):
        raise TooSmall(f"a picture of {width} x {height} pixels is too small for a forensic mark")
    side = tile_side(width, height)
    amount = perceptual.strength(picture.luma(source)) * np.float32(gain * FINE)
    full = cv2.resize(amount.astype(np.int16), (width, height), interpolation=cv2.INTER_LINEAR)
    pattern = np.tile(_tile(key, payload, side), (height // side + 1, width // side + 1))[:height, :width]
    step = cv2.multiply(full, np.ascontiguousarray(pattern), scale=1 / FINE**2, dtype=cv2.CV_16S)
    marked = cv2.add(np.ascontiguousarray(source), cv2.merge([step, step, step]), dtype=cv2.CV_8U)
    return np.asarray(marked, np.uint8)

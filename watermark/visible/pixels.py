"""Byte arithmetic on whole planes, typed: a step on two megapixels costs about a millisecond, floats would cost ten."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]
Plane = TypeVar("Plane", Bytes, Floats, Shorts)


def look_up(plane: Bytes, table: Bytes) -> Bytes:
    """Every byte replaced by its entry in a table of 256."""
    return np.asarray(cv2.LUT(plane, table), np.uint8)


def times(first: Bytes, second: Bytes) -> Bytes:
    """The product, 255 being one."""
    return np.asarray(cv2.multiply(first, second, scale=1 / 255), np.uint8)


def plus(first: Bytes, second: Bytes) -> Bytes:
    """The sum, not above 255."""
    return np.asarray(cv2.add(first, second), np.uint8)


def inverse(plane: Bytes) -> Bytes:
    return np.asarray(cv2.bitwise_not(plane), np.uint8)


def resize(plane: Plane, height: int, width: int) -> Plane:
    """Bilinear."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), plane.dtype)


def shrink(plane: Plane, height: int, width: int) -> Plane:
    """By the mean of each area."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), plane.dtype)


def blur(plane: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def sample(picture: Plane, x: Floats, y: Floats, *, cubic: bool = False) -> Plane:
    """The picture's values at the places (x, y), mirrored beyond its edges."""
    kind = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(picture, x, y, kind, borderMode=cv2.BORDER_REFLECT_101), picture.dtype)


def to_bytes(values: npt.NDArray[np.floating]) -> Bytes:
    """Rounded, held within 0 and 255."""
    clipped: Bytes = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return clipped


def ramp(start: int, end: int, floor: float = 0.0) -> Bytes:
    """A table that climbs smoothly from `floor` to full between two values; it falls where `end` is below `start`."""
    t = np.clip((np.arange(256) - start) / (end - start), 0, 1)
    return to_bytes(255 * (floor + (1 - floor) * t * t * (3 - 2 * t)))


def bump(centre: int, half: int) -> Bytes:
    """A table that is full at one value and falls to nothing `half` from it."""
    t = np.clip(1 - np.abs(np.arange(256) - centre) / half, 0, 1)
    return to_bytes(255 * t * t * (3 - 2 * t))

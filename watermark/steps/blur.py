"""A picture in some twenty bytes, as a ThumbHash: what stands in its place until it has come.

Made from marked pixels, and from at most seven waves across: it shows nothing that the smallest rendition does not.
The format is the one of https://evanw.github.io/thumbhash/, for pictures without transparency.
"""

from __future__ import annotations

import base64
import math
from typing import Any, Final

import cv2
import numpy as np

from watermark.pipeline import Pixels

MOST_SIDE: Final = 96
"""Pixels to go by; the format is meant for at most 100."""
WAVES: Final = 7
COLOUR_WAVES: Final = 3


def thumbhash(pixels: Pixels) -> str:
    """The ThumbHash of marked pixels (height x width x 3, sRGB), in Base64."""
    height, width = _fitted(*pixels.shape[:2])
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    red, green, blue = small[:, :, 0], small[:, :, 1], small[:, :, 2]
    across, down = (max(1, _round(WAVES * side / max(width, height))) for side in (width, height))
    light = _waves((red + green + blue) / 3, max(3, across), max(3, down))
    yellow = _waves((red + green) / 2 - blue, COLOUR_WAVES, COLOUR_WAVES)
    reddish = _waves(red - green, COLOUR_WAVES, COLOUR_WAVES)
    wide = width > height
    head = _round(63 * light[0]) | _round(31.5 + 31.5 * yellow[0]) << 6 | _round(31.5 + 31.5 * reddish[0]) << 12
    head |= _round(31 * light[2]) << 18
    more = (down if wide else across) | _round(63 * yellow[2]) << 3 | _round(63 * reddish[2]) << 9 | wide << 15
    nibbles = [_round(15 * one) for part in (light, yellow, reddish) for one in part[1]]
    pairs = zip(nibbles[::2], [*nibbles[1::2], 0], strict=False)
    packed = bytes(low | high << 4 for low, high in pairs)
    return base64.b64encode(head.to_bytes(3, "little") + more.to_bytes(2, "little") + packed).decode()


def _waves(channel: Any, across: int, down: int) -> tuple[float, list[float], float]:
    """(mean, the other coefficients of the cosine transform as 0 to 1, their largest size)."""
    height, width = channel.shape
    by_row = np.cos(math.pi / height * np.outer(np.arange(down), np.arange(height) + 0.5))
    by_column = np.cos(math.pi / width * np.outer(np.arange(across), np.arange(width) + 0.5))
    found = by_row @ channel @ by_column.T / (width * height)
    kept = [float(found[y, x]) for y in range(down) for x in range(across) if x * down < across * (down - y)]
    mean, rest = kept[0], kept[1:]
    most = max(map(abs, rest))
    return mean, [0.5 + 0.5 * one / most if most else 0.0 for one in rest], most


def _fitted(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, MOST_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _round(value: float) -> int:
    return math.floor(value + 0.5)

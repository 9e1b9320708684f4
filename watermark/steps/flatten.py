"""Put a picture with transparency on a neutral ground."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from watermark.pipeline import Pixels

GROUND: Final = 217
"""A light neutral grey (sRGB 0-255): black and white artwork both show on it, and it tints neither."""


def flatten_alpha(rgba: npt.NDArray[np.uint8]) -> Pixels:
    """uint8 height x width x 4 with straight alpha to height x width x 3 on `GROUND`."""
    alpha = rgba[:, :, 3]
    colour = np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
    if alpha.min() == 255:
        return colour
    weight = cv2.merge([alpha, alpha, alpha])
    over = cv2.multiply(colour, weight, scale=1 / 255)
    ground = cv2.multiply(cv2.bitwise_not(weight), np.full_like(colour, GROUND), scale=1 / 255)
    return np.asarray(cv2.add(over, ground), np.uint8)

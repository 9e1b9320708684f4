"""How strongly each place of a picture may carry the mark: a noise-visibility rule at half resolution.

Texture hides noise (the noise-visibility function of Voloshynovskiy, Herrigel, Baumgaertner and Pun, "A stochastic approach
to content adaptive digital image watermarking", Information Hiding 1999). Activity is the local standard deviation,
eroded so that the calm side of an edge counts as calm.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CALM = 0.6
"""Root-mean-square strength, in grey levels, on flat areas: peaks stay at one level."""
LOUD = 1.93
"""The most, in full texture: below it no picture falls under 42 dB."""
USUAL = 1.1
"""Strength over a whole picture above which it is held back."""
SMALL = 1100
"""Long side under which all-over texture is held back to 45 dB; above it only to 43, for there it is hardest to read."""
TEMPER_SMALL, TEMPER_LARGE = 0.5, 0.2
SLOPE = 0.245
"""Levels of strength for each level of eroded activity."""


def allowed(activity: NDArray[Any]) -> NDArray[np.float32]:
    """Local deviation to the strength it hides, before the picture as a whole is looked at."""
    return np.asarray(np.minimum(CALM + SLOPE * activity, LOUD), np.float32)


def strength(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma (h, w) to root-mean-square strength in grey levels at half resolution, shape about (h/2, w/2)."""
    height, width = luma.shape
    half = cv2.resize(luma, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    value = half.astype(np.float32)
    mean = cv2.blur(value, (5, 5))
    power = cv2.blur(value * value, (5, 5)) - mean * mean
    activity = cv2.sqrt(np.maximum(power, 0.0))
    calmest = cv2.erode(activity, np.ones((3, 3), np.uint8))
    smooth = cv2.blur(allowed(calmest), (5, 5))
    overall = float(np.sqrt(np.mean(smooth * smooth)))
    temper = min(1.0, (USUAL / overall) ** (TEMPER_SMALL if max(height, width) < SMALL else TEMPER_LARGE))
    return np.asarray(smooth * np.float32(temper), np.float32)

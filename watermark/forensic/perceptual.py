"""How strongly each place of a picture may carry the mark: a noise-visibility rule at half resolution.

Texture hides noise (the noise-visibility function of Voloshynovskiy, Herrigel, Baumgaertner and Pun, "A stochastic approach
to content adaptive digital image watermarking", Information Hiding 1999), but a reader is deafened by it as well: what is
laid in loud texture costs as much as elsewhere and tells the least. So the strength rises with activity, and falls again
beyond LOUD. Activity is the local standard deviation, eroded so that the calm side of an edge counts as calm.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CALM = 0.6
"""Root-mean-square strength, in grey levels, on flat areas: peaks stay at one level."""
SLOPE = 0.245
"""Levels of strength for each level of eroded activity."""
MOST = 2.6
"""The most, before loudness is looked at."""
LOUD = 13.0
"""Activity at which strength is halved, for so loud a place says little."""
ENOUGH = 20.0
"""What a reader should get in all: the squares of strength over noise, summed over the picture's pixels, here for one.

It grows with the root of their number: a large picture will be cropped and shrunk, in a small one less can be hidden.
"""
ROOM = 1.75
"""The most, root mean square over the whole picture, that one which is hard to read may be raised to: about 43.3 dB."""
RAISED = 4.0
"""Activity from which a place is raised in full; flat places never are."""


def allowed(activity: NDArray[Any]) -> NDArray[np.float32]:
    """Local deviation to the strength it is worth, before the picture as a whole is looked at."""
    worth = np.minimum(CALM + SLOPE * activity, MOST) / (1 + np.square(activity * (1 / LOUD)))
    return np.asarray(worth, np.float32)


def strength(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma (h, w) to root-mean-square strength in grey levels at half resolution, shape about (h/2, w/2)."""
    height, width = luma.shape
    half = cv2.resize(luma, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    value = half.astype(np.float32)
    mean = cv2.blur(value, (5, 5))
    activity = cv2.sqrt(np.maximum(cv2.blur(value * value, (5, 5)) - mean * mean, 0.0))
    calmest = cv2.erode(activity, np.ones((3, 3), np.uint8))
    amount = cv2.blur(allowed(calmest), (5, 5))
    told = float(np.mean(np.square(amount / (activity + 1)))) * float(np.sqrt(luma.size))
    power = float(np.mean(np.square(amount)))
    gain = min(float(np.sqrt(ENOUGH / (told + 1e-6))), ROOM / float(np.sqrt(power)))
    if gain > 1:
        amount *= 1 + (gain - 1) * np.minimum(calmest * (1 / RAISED), 1)
    return np.asarray(amount, np.float32)

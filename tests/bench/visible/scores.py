"""What an attack got: the quality of the stolen picture, and how much of the mark is left in it.

usability   SSIM of the untouched preview: how well a client can judge the work
ssim_m      SSIM of the attacked picture within the mark's region (where it shifts luma by more than 8 levels)
visible     correlation of the remainder with the mark, less where the remainder is under 3 levels (unseen)
clean       ssim_m * (1 - visible): 1 is a perfect theft, 0 a useless attack
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

REGION_LEVEL = 8
UNSEEN_LEVEL = 3.0


@dataclass(frozen=True)
class Score:
    psnr: float
    ssim: float
    ssim_m: float
    visible: float

    @property
    def clean(self) -> float:
        return max(0.0, self.ssim_m) * (1 - self.visible)

    def row(self) -> dict[str, float]:
        return {**vars(self), "clean": self.clean}


def luma(picture: Picture | Floats) -> Floats:
    return np.asarray(cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2GRAY), np.float32)


def score(attacked: Picture, original: Picture, pattern: Floats) -> Score:
    """`pattern` is the signed luma of the mark."""
    region = np.abs(pattern) > REGION_LEVEL
    if not region.any():
        return Score(99.0, 1.0, 1.0, 0.0)
    likeness = ssim_map(luma(attacked), luma(original))
    remainder = luma(attacked.astype(np.float32) - original)[region]
    mark = pattern[region]
    lengths = float(np.linalg.norm(mark) * np.linalg.norm(remainder)) + 1e-6
    correlation = max(0.0, float(mark @ remainder) / lengths)
    seen = min(1.0, float(np.sqrt(np.mean(remainder**2))) / UNSEEN_LEVEL)
    error = float(np.mean((attacked.astype(np.float32) - original) ** 2))
    psnr = 10 * np.log10(65025 / max(error, 1e-3))
    return Score(float(psnr), float(likeness.mean()), float(likeness[region].mean()), correlation * seen)


def ssim_map(first: Floats, second: Floats) -> Floats:
    """Structural similarity at every pixel (Wang et al., IEEE TIP 2004; Gaussian window, sigma 1.5)."""

    def local(values: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)

    mean_1, mean_2 = local(first), local(second)
    var_1, var_2 = local(first * first) - mean_1**2, local(second * second) - mean_2**2
    shared = local(first * second) - mean_1 * mean_2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_1 * mean_2 + c1) * (2 * shared + c2)
    return np.asarray(top / ((mean_1**2 + mean_2**2 + c1) * (var_1 + var_2 + c2)), np.float32)

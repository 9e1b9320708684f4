"""The photographs, and what the mark costs the eye."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

Picture = NDArray[np.uint8]


def at_size(path: Path, longest: int) -> Picture:
    """The photograph with this long side."""
    picture = Image.open(path).convert("RGB")
    scale = longest / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return np.asarray(picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS))


def psnr(before: Picture, after: Picture) -> float:
    """Peak signal to noise over all channels, in decibels; 99 for equal pictures."""
    error = float(np.mean((before.astype(np.float64) - after) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(before: Picture, after: Picture) -> float:
    """Structural similarity of luma, Gaussian windows (Wang et al. 2004)."""
    pair = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    score = structural_similarity(*pair, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
    return float(score)


def flat_step(before: Picture, after: Picture) -> tuple[float, float]:
    """The mark on flat places (11 px deviation under 1): its root mean square and 99.9th percentile as seen.

    In grey levels, blurred by the eye's own spread at twice the size (1 px here), where one 8-bit level is about the
    just noticeable step. Both are zero for a picture without flat places.
    """
    grey = cv2.cvtColor(before, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(grey, (11, 11))
    flat = cv2.blur(grey * grey, (11, 11)) - mean * mean < 1.0
    if flat.mean() < 0.002:
        return 0.0, 0.0
    change = (after.astype(np.float32) - before).mean(axis=2)
    seen = cv2.GaussianBlur(change, (0, 0), 1.0)[flat]
    return float(np.sqrt(np.mean(seen**2))), float(np.percentile(np.abs(seen), 99.9))

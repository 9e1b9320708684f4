"""From a picture to noise of even loudness, in which a faint mark stands out.

Two steps: subtract the local mean and divide by the local deviation, so no object dominates; then divide the spectrum by
its own local level, so no frequency does (phase-like correlation, after Kuglin and Hines 1975).
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from watermark.forensic import perceptual

WINDOW = 7
FLOOR = 1.0
CLIP = 3.0
PEAK_CAP = 8.0
LOWEST, HIGHEST = 0.012, 0.45
"""The band kept, in cycles a pixel."""
BLOCK_WIDTH = 1.3
"""Half the width of the lines struck out at JPEG's block frequency, in waves over the picture."""


@dataclass(frozen=True)
class Whitened:
    """The whitened picture (h, w), and its autocorrelation in units of its own noise, zero shift at [0, 0]; its spectrum."""

    picture: NDArray[np.float32]
    autocorrelation: NDArray[np.float32]
    spectrum: NDArray[np.complex64]
    """Of the picture, padded with zeros to `padded`: the half with frequencies across of 0 and more."""
    padded: tuple[int, int]

    @cached_property
    def centred(self) -> NDArray[np.complex64]:
        """The spectrum with the picture's middle at the origin: neighbours in it can be interpolated."""
        (rows, columns), (height, width) = self.padded, self.picture.shape
        down = np.exp(1j * np.pi * np.fft.fftfreq(rows) * height).astype(np.complex64)
        across = np.exp(1j * np.pi * np.arange(self.spectrum.shape[1]) / columns * width).astype(np.complex64)
        return np.asarray(self.spectrum * across * down[:, None], np.complex64)


def normalised(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Local mean removed, local deviation divided out, outliers clipped, and each place weighed by what it may tell.

    The weight is the mark's own strength there in local deviations, as a matched filter has it: a quiet place says more
    than a loud one. It gains about a decibel over equal weights, most where a picture is part sky and part leaves.
    """
    window = (WINDOW, WINDOW)
    mean = cv2.blur(luma, window)
    deviation = cv2.sqrt(np.maximum(cv2.blur(luma * luma, window) - mean * mean, 0.0))
    scale = 1 / (deviation + FLOOR)
    residual = np.clip((luma - mean) * scale, -CLIP, CLIP)
    return np.asarray(residual * perceptual.allowed(deviation) * scale, np.float32)


def whiten(luma: NDArray[np.float32], reach: int) -> Whitened:
    """Whiten luma (h, w); the autocorrelation is free of wrap-round for shifts up to `reach` pixels."""
    height, width = luma.shape
    residual = normalised(luma)
    rows = cv2.getOptimalDFTSize(height + max(0, 2 * reach - height))
    columns = cv2.getOptimalDFTSize(width + max(0, 2 * reach - width))
    transform = np.fft.rfft2(residual, (rows, columns))
    power = (transform.real**2 + transform.imag**2).astype(np.float32)
    level = _local_level(power) + 1e-6
    band = _band(rows, columns, height, width)
    spectrum = np.asarray(transform * (band / np.sqrt(level)), np.complex64)
    picture = np.fft.irfft2(spectrum, (rows, columns))[:height, :width]
    lines = np.minimum(power / level, PEAK_CAP) * band
    auto = np.fft.irfft2(lines - lines.mean(), (rows, columns)).astype(np.float32)
    auto /= np.float32(np.median(np.abs(auto[::3, ::3])) / 0.6745 + 1e-12)
    return Whitened(picture.astype(np.float32), auto, spectrum, (rows, columns))


def _local_level(power: NDArray[np.float32]) -> NDArray[np.float32]:
    reach = 10
    wrapped = cv2.copyMakeBorder(power, reach, reach, 0, 0, cv2.BORDER_WRAP)
    return np.asarray(cv2.blur(wrapped, (2 * reach + 1, 2 * reach + 1))[reach:-reach], np.float32)


def _band(rows: int, columns: int, height: int, width: int) -> NDArray[np.float32]:
    """Ones where the mark may be: not the slowest and fastest waves, nor those that JPEG's 8-pixel blocks repeat at."""
    fy = np.fft.fftfreq(rows)[:, None]
    fx = np.fft.rfftfreq(columns)[None, :]
    radius = np.hypot(fy, fx)
    kept = (radius > LOWEST) & (radius < HIGHEST) & _off_blocks(fy, height) & _off_blocks(fx, width)
    return np.asarray(kept, np.float32)


def _off_blocks(frequency: NDArray[np.floating], length: int) -> NDArray[np.bool_]:
    eighths = frequency * 8
    nearest = np.rint(eighths)
    return np.asarray((np.abs(eighths - nearest) / 8 > BLOCK_WIDTH / length) | (nearest == 0))

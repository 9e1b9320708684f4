"""Fit a picture into a long side. Never enlarges."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from watermark.limits import PROOF_SIDE
from watermark.pipeline import Frame, Pixels


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Width and height with the long side at most `long_side`; at least 1 pixel each, never larger than given."""
    longest = max(width, height)
    if longest <= long_side:
        return width, height
    return max(1, round(width * long_side / longest)), max(1, round(height * long_side / longest))


def fit_proof(frame: Frame) -> Frame:
    """Scale to the proof's size. The target comes from the original's size, so that scaled decoding bends no ratio."""
    return replace(frame, pixels=scale_to(frame.pixels, *fitted(*frame.full, PROOF_SIDE)))


def scale_to(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resample uint8 height x width x channels to exactly the given size (pixels).

    Exact halves by averaging are the cheapest good filter (0.3 ms where one area pass takes 15); what remains is
    between a half and one. Above three quarters a cubic is as sharp as area averaging at a quarter of its time and its
    few taps still cover the samples; below, area averaging avoids aliasing. Halving drops an odd last row or column.
    """
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
        pixels = _resample(pixels[: 2 * rows, : 2 * columns], columns, rows, cv2.INTER_AREA)
    if pixels.shape[:2] == (height, width):
        return pixels
    mild = 4 * width >= 3 * pixels.shape[1] and 4 * height >= 3 * pixels.shape[0]
    return _resample(pixels, width, height, cv2.INTER_CUBIC if mild else cv2.INTER_AREA)


def _resample(pixels: Pixels, width: int, height: int, how: int) -> Pixels:
    # OpenCV drops the last axis of one-channel pictures.
    scaled = np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)
    return scaled if scaled.ndim == 3 else scaled[:, :, None]


def shrunk(pixels: Pixels) -> Pixels:
    """By a whole factor, each pixel the mean of a square, to not less than the proof's size: cheap on huge pictures."""
    factor = max(pixels.shape[:2]) // PROOF_SIDE
    across, down = min(factor, pixels.shape[1]), min(factor, pixels.shape[0])
    if factor < 2:
        return pixels
    width, height = pixels.shape[1] // across, pixels.shape[0] // down
    return _resample(pixels[: height * down, : width * across], width, height, cv2.INTER_AREA)

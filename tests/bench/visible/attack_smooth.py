"""Smooth the fine structure away and hope that the picture outlives it: no knowledge of the mark is needed."""

from __future__ import annotations

import cv2
import numpy as np

from tests.bench.visible.scores import Floats, Picture
from tests.bench.visible.view import View, blur, to_picture


def median(view: View) -> Picture:
    return np.asarray(cv2.medianBlur(view.seen, 7), np.uint8)


def gaussian(view: View) -> Picture:
    return to_picture(blur(view.seen.astype(np.float32), 2.5))


def bilateral(view: View) -> Picture:
    """Tomasi and Manduchi 1998."""
    return np.asarray(cv2.bilateralFilter(view.seen, 11, 45, 5), np.uint8)


def guided(view: View, radius: int = 5, edge: float = 900.0) -> Picture:
    """He, Sun and Tang 2010, each colour its own guide."""
    values = view.seen.astype(np.float32)

    def box(plane: Floats) -> Floats:
        return np.asarray(cv2.blur(plane, (2 * radius + 1, 2 * radius + 1)), np.float32)

    mean = box(values)
    spread = box(values * values) - mean * mean
    slope = spread / (spread + edge)
    return to_picture(box(slope) * values + box(mean * (1 - slope)))


def wiener(view: View, window: int = 9) -> Picture:
    """Local Wiener filter, the noise taken as the median of the local variances (Lee 1980)."""
    values = view.seen.astype(np.float32)
    mean = cv2.blur(values, (window, window))
    spread = np.maximum(cv2.blur(values * values, (window, window)) - mean * mean, 0)
    noise = np.median(spread, axis=(0, 1))
    gain = np.maximum(spread - noise, 0) / np.maximum(spread, 1e-3)
    return to_picture(np.asarray(mean + gain * (values - mean), np.float32))


def wavelet(view: View, scales: int = 4) -> Picture:
    """Soft thresholds on a redundant spline wavelet (Starck, Murtagh and Bijaoui 1998), each scale's own (Donoho 1995)."""
    rest = view.seen.astype(np.float32)
    clear = np.zeros_like(rest)
    for scale in range(scales):
        smoother = blur(rest, 0.9 * 2**scale)
        detail = rest - smoother
        threshold = 1.5 * np.median(np.abs(detail), axis=(0, 1)) / 0.6745
        clear += np.sign(detail) * np.maximum(np.abs(detail) - threshold, 0)
        rest = smoother
    return to_picture(clear + rest)


def non_local_means(view: View) -> Picture:
    """Buades, Coll and Morel 2005."""
    return np.asarray(cv2.fastNlMeansDenoisingColored(view.seen, None, 14, 14, 5, 13), np.uint8)


def flatten(view: View) -> Picture:
    """Take away slow light and shade, in the hope that it is the mark's, and keep the picture's mean."""
    smooth = np.asarray(cv2.medianBlur(view.seen, 7), np.float32)
    return to_picture(smooth - 0.5 * (blur(smooth, 40) - smooth.mean(axis=(0, 1))))

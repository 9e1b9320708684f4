"""Attacks on repetition: peaks of the spectrum, and tiles folded onto each other."""

from __future__ import annotations

import cv2
import numpy as np

from tests.bench.visible.scores import Floats, Picture, luma
from tests.bench.visible.view import View, blur, to_picture


def notch(view: View, factor: float = 6.0) -> Picture:
    """Flatten isolated peaks of the spectrum, as a repeated tile leaves them."""
    planes = []
    height, width = view.seen.shape[:2]
    row, column = np.ogrid[:height, :width]
    far = np.hypot(row - height // 2, (column - width // 2) * height / width) > 6
    for number in range(3):
        spectrum = np.fft.fftshift(np.fft.fft2(view.seen[..., number].astype(np.float32)))
        size = np.log(np.abs(spectrum).astype(np.float32) + 1)
        level = cv2.blur(size, (15, 15))
        peak = (size > level + np.log(factor) * 0.9) & far
        spectrum[peak] *= np.exp(level[peak]) / np.exp(size[peak])
        planes.append(np.fft.ifft2(np.fft.ifftshift(spectrum)).real)
    return to_picture(np.dstack(planes).astype(np.float32))


def fold_tiles(view: View) -> Picture:
    """Find the period by autocorrelation, average all tiles into one, and subtract it everywhere."""
    fine = view.seen.astype(np.float32) - blur(view.seen.astype(np.float32), 20)
    right, down = _period(luma(fine))
    height, width = fine.shape[:2]
    total = np.zeros((down, right, 3), np.float32)
    count = 0
    for top in range(0, height - down + 1, down):
        for left in range(0, width - right + 1, right):
            total += fine[top : top + down, left : left + right]
            count += 1
    if count < 2:
        return view.seen
    tile = np.tile(total / count, (height // down + 1, width // right + 1, 1))[:height, :width]
    return to_picture(view.seen - tile)


def _period(fine: Floats) -> tuple[int, int]:
    """The strongest horizontal and vertical repetition, in px."""
    spectrum = np.fft.fft2(fine)
    likeness = np.fft.ifft2(np.abs(spectrum) ** 2).real
    right = likeness[:3].max(axis=0)[60 : fine.shape[1] // 2]
    down = likeness[:, :3].max(axis=1)[60 : fine.shape[0] // 2]
    return 60 + int(np.argmax(right)), 60 + int(np.argmax(down))

"""Pictures for measuring, drawn by the same numbers each time; no file is shipped."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt


def photo(width: int = 6000, height: int = 4000, seed: int = 24) -> npt.NDArray[np.uint8]:
    """A photo-like picture, uint8 height x width x 3 RGB: sky, ground, shapes, texture at several scales, grain."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    cols = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    base = np.empty((height, width, 3), np.float32)
    for channel, (top, bottom) in enumerate(((90, 150), (140, 120), (210, 80))):
        base[:, :, channel] = top + (bottom - top) * rows + 20 * np.sin(6 * cols + 3 * rows + channel)
    for scale, depth in ((400, 24.0), (80, 16.0), (16, 10.0), (4, 7.0)):
        small = rng.normal(0, depth, (height // scale + 2, width // scale + 2)).astype(np.float32)
        base += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
    base += rng.normal(0, 8.0, (height, width, 1)).astype(np.float32)
    picture = np.clip(base, 0, 255).astype(np.uint8)
    unit = max(width, height) / 6000
    for _ in range(160):
        x, y = int(rng.integers(0, width)), int(rng.integers(height // 3, height))
        size = max(1, int(rng.integers(20, 300) * unit))
        colour = [int(c) for c in rng.integers(20, 235, 3)]
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), size, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, (x, y), (x + size, y + size // 2), colour, max(1, int(9 * unit)), cv2.LINE_AA)
    return picture


def photo_jpeg(folder: Path, width: int = 6000, height: int = 4000, quality: int = 93) -> Path:
    """The picture as a 4:2:0 JPEG under `folder`, drawn once and kept."""
    path = folder / f"photo-{width}x{height}-q{quality}.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = [
            cv2.IMWRITE_JPEG_QUALITY,
            quality,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
        ]
        if not cv2.imwrite(str(path), photo(width, height)[:, :, ::-1], options):
            raise OSError(path)
    return path

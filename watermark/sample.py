"""A landscape drawn from numbers, for the live preview of a mark in the settings; no file, nobody's picture."""

from __future__ import annotations

import cv2
import numpy as np

from watermark.pipeline import Pixels


def landscape(width: int, height: int) -> Pixels:
    """uint8 height x width x 3 sRGB: sky, sun, three ridges, water. The same every time."""
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, bottom = np.array([96, 148, 208], np.float32), np.array([246, 222, 190], np.float32)
    picture = np.repeat(top + (bottom - top) * np.minimum(1, down * 1.6), width, axis=1)
    cv2.circle(picture, (int(width * 0.72), int(height * 0.3)), max(2, height // 14), (255, 244, 214), -1, cv2.LINE_AA)
    across = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for level, wave, colour in ((0.46, 5.0, (132, 152, 172)), (0.56, 8.0, (88, 116, 120)), (0.66, 12.0, (48, 78, 66))):
        ridge = height * (level + 0.05 * np.sin(wave * across + level * 20) + 0.02 * np.sin(wave * 3.7 * across))
        picture[rows > ridge[None, :]] = colour
    shore = int(height * 0.8)
    water = picture[: height - shore][::-1] * 0.5 + np.array([40, 62, 78], np.float32)
    picture[shore:] = water[: height - shore]
    grain = np.random.default_rng(7).normal(0, 2.5, (height, width, 1)).astype(np.float32)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)

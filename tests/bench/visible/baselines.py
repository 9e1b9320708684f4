"""Two marks to compare with: the fixed tile most services lay, and a plain sketch of a keyed, bent one."""

from __future__ import annotations

import math

import cv2
import numpy as np

from tests.bench.visible.scores import Picture
from tests.bench.visible.view import TEXT
from watermark.visible.glyphs import EDGE, strip


def fixed_tile(picture: Picture, asset: int) -> Picture:
    """White text at 35 percent, repeated along a diagonal, the same on every picture."""
    height, width = picture.shape[:2]
    opacity = _turned_rows(height, width, 30.0, width // 32) * (90 / 255)
    return np.rint(picture + (255.0 - picture) * opacity[..., None]).astype(np.uint8)


def keyed_sketch(picture: Picture, asset: int) -> Picture:
    """Keyed angle and polarity, picture bent under the letters: no fine structure."""
    rng = np.random.default_rng(asset)
    height, width = picture.shape[:2]
    opacity = _turned_rows(height, width, float(rng.uniform(18, 40)), width // 26)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)

    def noise(scale: int) -> np.ndarray:
        knots = rng.standard_normal((height // scale + 2, width // scale + 2)).astype(np.float32)
        return np.clip(cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC) / 2, -1, 1)

    bent = cv2.remap(picture, columns + 9 * opacity * noise(14), rows + 9 * opacity * noise(14), cv2.INTER_LINEAR)
    ink = np.where(noise(160) > 0, 235.0, 20.0)[..., None]
    share = (opacity * (0.4 + 0.15 * noise(40)))[..., None]
    return np.clip(bent * (1 - share) + ink * share, 0, 255).astype(np.uint8)


def _turned_rows(height: int, width: int, angle: float, size: int) -> np.ndarray:
    side = int(math.hypot(height, width)) + 2
    line, _ = strip(TEXT, size, 2.0)
    line = np.hstack(
        [np.clip((line.astype(np.float32) - EDGE) / 127 + 0.5, 0, 1), np.zeros((line.shape[0], 80), np.float32)]
    )
    sheet = np.zeros((side, side), np.float32)
    for number, top in enumerate(range(0, side - line.shape[0], 3 * size)):
        row = np.roll(np.tile(line, (1, side // line.shape[1] + 2)), -(number % 2) * line.shape[1] // 2, axis=1)
        sheet[top : top + line.shape[0]] = row[:, :side]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1)
    turn[:, 2] += ((width - side) / 2, (height - side) / 2)
    return np.asarray(cv2.warpAffine(sheet, turn, (width, height)), np.float32)

"""How light, how busy: what the mark must know of the picture, on the coarse grid, and the opacities it draws from that."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from watermark.visible.chance import Chance, Floats
from watermark.visible.field import Canvas, smooth
from watermark.visible.glyphs import Bytes


@dataclass(frozen=True)
class Ground:
    """The picture's local mean, its unrest (standard deviation), both in grey levels, and its relief in about [-1, 1]."""

    mean: Floats
    unrest: Floats
    relief: Floats


def survey(picture: npt.NDArray[np.uint8], canvas: Canvas) -> Ground:
    rows, columns = canvas.grid
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    twice = (min(columns * 2, canvas.width), min(rows * 2, canvas.height))
    small = cv2.resize(grey, twice, interpolation=cv2.INTER_AREA).astype(np.float32)
    spread = max(6 * canvas.unit / 4, 1.0)
    mean = cv2.GaussianBlur(small, (0, 0), spread)
    square = cv2.GaussianBlur(small * small, (0, 0), spread)
    unrest = np.sqrt(np.maximum(square - mean * mean, 0))
    size = (columns, rows)
    mean, unrest = (cv2.resize(m, size, interpolation=cv2.INTER_LINEAR) for m in (mean, unrest))
    relief = (cv2.GaussianBlur(mean, (0, 0), max(1.5 * canvas.unit, 1)) - 128) / 64
    return Ground(mean, unrest, relief.astype(np.float32))


def polarity(canvas: Canvas, chance: Chance, ground: Ground) -> Floats:
    """From -1 (darken) to 1 (lighten): dark places are lightened, light ones darkened, the middle as the key says."""
    lean = (122 - ground.mean) / 60 + 0.9 * smooth(canvas, chance, "polarity", 150)
    return np.asarray(np.tanh(4 * lean), np.float32)


def opacity(levels: Floats, mean: Floats) -> tuple[Bytes, Bytes]:
    """Light and dark opacity (of 255) that shift a ground of brightness `mean` by `levels`, up where positive."""
    lift = np.maximum(levels, 0) / np.maximum(255 - mean, 50)
    sink = np.maximum(-levels, 0) / np.maximum(mean, 50)
    return to_bytes(lift * 255), to_bytes(sink * 255)


def to_bytes(values: Floats) -> Bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)

"""How light, how busy: what the mark must know of the picture, on the coarse grid, and the opacities it draws from that."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from watermark.visible.chance import Chance
from watermark.visible.field import CELL, Canvas, smooth
from watermark.visible.pixels import Bytes, Floats, blur, resize, shrink, to_bytes

PRINT_SPREAD = 18.0
"""How far, in units, the handling of print reaches beyond the print itself."""


PAPER_TONE, PAPER_UNREST = 226, 4.0
"""Brighter and calmer than this is bare paper, or a screen's ground."""


@dataclass(frozen=True)
class Ground:
    """What lies under the mark, on the coarse grid.

    `mean` and `unrest` (the standard deviation) are in grey levels, `relief` in about [-1, 1]; `print` is 1 where it
    looks like ink on paper and 0 in a photograph. `room` is how much of a shift the place bears: near black and white
    the eye sees a smaller one.
    """

    mean: Floats
    unrest: Floats
    relief: Floats
    print: Floats
    room: Floats


def survey(picture: Bytes, canvas: Canvas) -> Ground:
    rows, columns = canvas.grid
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    small = shrink(grey, min(rows * 2, canvas.height), min(columns * 2, canvas.width)).astype(np.float32)
    spread = max(1.5 * canvas.unit, 1.0)
    mean = blur(small, spread)
    unrest: Floats = np.sqrt(np.maximum(blur(small * small, spread) - mean * mean, 0))
    mean, unrest = resize(mean, rows, columns), resize(unrest, rows, columns)
    relief = (blur(mean, max(1.5 * canvas.unit, 1)) - 128) / 64
    ink_on_paper = np.asarray(np.clip((unrest - 22) / 22, 0, 1) * np.clip((mean - 140) / 50, 0, 1), np.float32)
    relief *= 1 - 0.8 * ink_on_paper
    ink_on_paper = np.maximum(ink_on_paper, _evened(ink_on_paper, mean, unrest, canvas))
    room = np.interp(mean, (0, 110, 160, 255), (0.55, 1.0, 1.0, 0.7))
    return Ground(mean, unrest, *(plane.astype(np.float32) for plane in (relief, ink_on_paper, room)))


def _evened(ink_on_paper: Floats, mean: Floats, unrest: Floats, canvas: Canvas) -> Floats:
    """The same, spread softly over the bare paper around: on a layout of few words, letters drawn heavier hard up to each
    word only would look like dirt. A photograph has bright busy places too, but little that is as white and even."""
    cells = PRINT_SPREAD * canvas.unit / CELL
    side = 2 * max(1, round(cells)) + 1
    wider = np.asarray(cv2.dilate(ink_on_paper, np.ones((side, side), np.uint8)), np.float32)
    paper = blur(((mean > PAPER_TONE) & (unrest < PAPER_UNREST)).astype(np.float32), max(2.5 * cells, 0.5))
    return np.asarray(blur(wider, max(cells, 0.5)) * np.clip((paper - 0.12) / 0.2, 0, 1), np.float32)


def polarity(canvas: Canvas, chance: Chance, ground: Ground) -> Floats:
    """From -1 (darken) to 1 (lighten): dark places are lightened, light ones darkened, the middle as the key says."""
    lean = (122 - ground.mean) / 60 + 0.8 * smooth(canvas, chance, "polarity", 240)
    return np.asarray(np.tanh(4 * lean), np.float32)


def opacity(levels: Floats, mean: Floats) -> tuple[Bytes, Bytes]:
    """Light and dark opacity (of 255) that shift a ground of brightness `mean` by `levels`, up where positive."""
    lift = np.maximum(levels, 0) / np.maximum(255 - mean, 50)
    sink = np.maximum(-levels, 0) / np.maximum(mean, 50)
    return to_bytes(lift * 255), to_bytes(sink * 255)

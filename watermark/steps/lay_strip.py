"""A few later pictures of an animation beside each other, as one picture."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageFile

from watermark.limits import PROOF_SIDE
from watermark.pipeline import Deadline, Frame, Pixels
from watermark.steps.flatten import GROUND, flatten_alpha
from watermark.steps.resize import scale_to

SHOWN: Final = 5
GAP: Final = 12
PIXELS: Final = 400_000_000
"""Pixels decoded on the way to the last one shown: a GIF can't skip."""


def frame_numbers(count: int, pixels: int) -> list[int]:
    """At most `SHOWN` of `count` frames, evenly spread, without the first, that cost no more than `PIXELS` to reach."""
    reachable = min(count, PIXELS // max(1, pixels))
    last = reachable - 1
    shown = min(SHOWN, last)
    return sorted({1 + round(n * (last - 1) / max(1, shown - 1)) for n in range(shown)}) if shown > 0 else []


def lay_strip(picture: ImageFile.ImageFile, frames: list[int], deadline: Deadline) -> Frame:
    """The frames in a row with gaps, the whole at most the proof's size. Raises what the decoder raises."""
    width = (PROOF_SIDE - GAP * (len(frames) - 1)) // len(frames)
    cells = [_cell(picture, number, width, deadline) for number in frames]
    return Frame(side_by_side(cells), full=(_width(cells), cells[0].shape[0]))


def side_by_side(cells: list[Pixels]) -> Pixels:
    """Pictures of one height in a row on the neutral ground."""
    strip = np.full((cells[0].shape[0], _width(cells), 3), GROUND, np.uint8)
    at = 0
    for cell in cells:
        strip[:, at : at + cell.shape[1]] = cell
        at += cell.shape[1] + GAP
    return strip


def _width(cells: list[Pixels]) -> int:
    return sum(int(cell.shape[1]) for cell in cells) + GAP * (len(cells) - 1)


def _cell(picture: ImageFile.ImageFile, number: int, width: int, deadline: Deadline) -> Pixels:
    for between in range(picture.tell(), number):  # one by one, so that a long way is cut by the clock
        deadline.check()
        picture.seek(between)
    picture.seek(number)
    small = _fit(picture.size, width)
    shown = picture.convert("RGBA")
    if shown.size != small and shown.width > 2 * small[0]:
        shown = shown.resize((2 * small[0], 2 * small[1]), Image.Resampling.BOX)
    return scale_to(flatten_alpha(np.asarray(shown)), *small)


def _fit(size: tuple[int, int], width: int) -> tuple[int, int]:
    if size[0] <= width and size[1] <= PROOF_SIDE:
        return size
    scale = min(width / size[0], PROOF_SIDE / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

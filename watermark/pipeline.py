"""A picture on its way: small steps run in order, with a look at the clock between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from watermark.errors import RenderStopped

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""uint8, height x width x 3, sRGB, unless a docstring says otherwise."""

Space = Literal["RGB", "L", "CMYK", "LAB"]


@dataclass(frozen=True)
class Frame:
    """One decoded page between two steps.

    `pixels` is uint8, height x width x channels: 3 for RGB and LAB, 1 for L, 4 for CMYK (255 is full ink). `icc` is the
    embedded profile, None if there is none or it no longer applies. `orientation` is EXIF tag 274, 1 for upright.
    `full` is the width and height of the original as stored, before any scaling and turning.
    """

    pixels: Pixels
    full: tuple[int, int]
    space: Space = "RGB"
    icc: bytes | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()


Step: TypeAlias = Callable[[Frame], Frame]


@dataclass
class Deadline:
    """A moment on the monotonic clock, seconds."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def extend(self, seconds: float) -> None:
        """Put it off, for time that was not spent on the picture."""
        self.at += seconds

    def check(self) -> None:
        """Raise RenderStopped (`timed_out`) if the moment has passed."""
        if time.monotonic() > self.at:
            raise RenderStopped(code="timed_out")


def run(frame: Frame, steps: Sequence[Step], deadline: Deadline) -> Frame:
    """Run the steps in order. What a step raises passes through; RenderStopped (`timed_out`) between two of them."""
    for step in steps:
        deadline.check()
        frame = step(frame)
    deadline.check()
    return frame

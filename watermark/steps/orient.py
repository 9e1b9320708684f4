"""Turn a picture upright by EXIF tag 274 (CIPA DC-008, orientation 1 to 8)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from watermark.pipeline import Frame, Pixels


def orient(frame: Frame) -> Frame:
    """Upright pixels, orientation 1. Values outside 2 to 8 mean upright already."""
    turned = _turn(frame.pixels, frame.orientation)
    return replace(frame, pixels=np.ascontiguousarray(turned), orientation=1)


def _turn(pixels: Pixels, orientation: int) -> Pixels:
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels

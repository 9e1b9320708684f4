"""Smooth keyed fields on a coarse grid, and their growth to the size of a picture.

All slow-changing quantities (warp, phase, opacity) live on a grid of one cell per `CELL` pixels and are grown by
bilinear interpolation: a field costs a millisecond where drawing it at full size would cost thirty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watermark.visible.chance import Chance
from watermark.visible.pixels import Floats, Plane, resize, sample

CELL = 8


@dataclass(frozen=True)
class Canvas:
    """The size of the picture, of its coarse grid, and the unit in which all lengths of the mark are given.

    `unit` is one thousandth of the long side, not less than 0.4 px: the mark looks alike at every size.
    """

    height: int
    width: int

    @property
    def unit(self) -> float:
        return max(max(self.height, self.width) / 1000, 0.4)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the coarse grid."""
        return max(2, self.height // CELL + 1), max(2, self.width // CELL + 1)

    def coordinates(self) -> tuple[Floats, Floats]:
        """x and y in pixels, of every grid point."""
        rows, columns = self.grid
        x = (np.arange(columns, dtype=np.float32) + 0.5) * (self.width / columns) - 0.5
        y = (np.arange(rows, dtype=np.float32) + 0.5) * (self.height / rows) - 0.5
        grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return grid_x, grid_y

    def grow(self, field: Plane) -> Plane:
        """A coarse or half-size field at the picture's size."""
        return resize(field, self.height, self.width)


def smooth(canvas: Canvas, chance: Chance, label: str, scale: float) -> Floats:
    """A field in about [-1, 1] on the coarse grid, with features about `scale` units wide."""
    rows, columns = canvas.grid
    step = max(scale * canvas.unit, 2.0)
    high, wide = int(canvas.height / step) + 4, int(canvas.width / step) + 4
    knots = chance.floats(label, high, wide)
    # Shift by a keyed part of a knot, so that knots do not sit at the same place in every picture.
    shift_y, shift_x = (chance.floats(label + "/shift", 2) + 1) / 2
    x = np.arange(columns, dtype=np.float32) * (canvas.width / columns / step) + 1 + shift_x
    y = np.arange(rows, dtype=np.float32) * (canvas.height / rows / step) + 1 + shift_y
    map_x, map_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    field: Floats = np.clip(sample(knots, map_x, map_y, cubic=True) * 1.35, -1, 1).astype(np.float32)
    return field

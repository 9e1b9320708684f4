"""Text to a strip of distances: at every pixel, how far inside (above 128) or outside (below) a letter it lies.

A distance can be enlarged and bent and still gives a sharp edge, and one look-up table makes of it a fill, an outline or
a soft shade (Green, "Improved alpha-tested magnification", SIGGRAPH 2007).
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from watermark.visible.fonts import Face
from watermark.visible.pixels import Bytes
from watermark.visible.shaping import Line, shape

Outline = npt.NDArray[np.float64]

EDGE = 128
SUBPIXELS = 4
"""Bits of sub-pixel position when an outline is filled."""
CURVE_STEPS = 6


@lru_cache(maxsize=64)
def strip(text: str, size: int, reach: float) -> tuple[Bytes, bool]:
    """The line in letters of `size` px, 1.5 sizes high, and whether it reads from the right.

    `reach` is the distance in px at which the value saturates. Raises RecipeError if a letter can't be drawn.
    The array is shared by all callers: it is marked read-only.
    """
    line = shape(text)
    return distances(_ink(line, size), reach), line.from_right


def distances(ink: Bytes, reach: float) -> Bytes:
    """Signed distances to the edge of what is 255 in `ink`, read-only."""
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    outside = cv2.distanceTransform(cv2.bitwise_not(ink), cv2.DIST_L2, 3)
    signed: Bytes = np.clip(EDGE + (inside - outside) * (127 / reach), 0, 255).astype(np.uint8)
    signed.flags.writeable = False
    return signed


def _ink(line: Line, size: int) -> Bytes:
    high, wide = int(size * 1.5), max(int(np.ceil(line.width * size)), 1) + size // 3
    ink = np.zeros((high, wide), np.uint8)
    scale = size * (1 << SUBPIXELS)
    for glyph in line.glyphs:
        at = np.array((glyph.x, 1.1 - glyph.y))
        pieces = [np.rint((piece + at) * scale).astype(np.int32) for piece in outline(glyph.face, glyph.index)]
        if pieces:
            cv2.fillPoly(ink, pieces, 255, cv2.LINE_8, SUBPIXELS)
    return ink


@lru_cache(maxsize=2048)
def outline(face: Face, index: int) -> tuple[Outline, ...]:
    """Closed polygons of a glyph, in ems, y downwards from the baseline. Empty for a space."""
    pieces: list[list[tuple[float, float]]] = []
    draw = hb.DrawFuncs()
    draw.set_move_to_func(lambda x, y, _: pieces.append([(x, y)]))
    draw.set_line_to_func(lambda x, y, _: pieces[-1].append((x, y)))
    draw.set_quadratic_to_func(lambda *p: _curve(pieces[-1], [(p[i], p[i + 1]) for i in (0, 2)]))
    draw.set_cubic_to_func(lambda *p: _curve(pieces[-1], [(p[i], p[i + 1]) for i in (0, 2, 4)]))
    face.font.draw_glyph(index, draw, None)
    return tuple(np.array(piece) * (1, -1) / face.units_per_em for piece in pieces if len(piece) > 2)


def _curve(piece: list[tuple[float, float]], ends: list[tuple[float, float]]) -> None:
    """Append a Bezier curve from the last point."""
    control = np.array([piece[-1], *ends])
    piece.extend((float(x), float(y)) for x, y in _BEZIER[len(ends)] @ control)


def _bezier(degree: int) -> npt.NDArray[np.float64]:
    """Bernstein's weights of the control points at each step along a curve."""
    t = (np.arange(CURVE_STEPS) + 1) / CURVE_STEPS
    return np.stack([math.comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)], axis=1)


_BEZIER = {2: _bezier(2), 3: _bezier(3)}

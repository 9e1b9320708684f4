"""Text to a strip of distances: at every pixel, how far inside (above 128) or outside (below) a letter it lies.

A distance can be enlarged and bent and still gives a sharp edge, and one look-up table makes of it a fill, an outline or
a soft shade (Green, "Improved alpha-tested magnification", SIGGRAPH 2007).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import uharfbuzz as hb

from watermark.visible.pixels import Bytes
from watermark.visible.shaping import Glyph, Line, shape

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
    ink = _ink(line, size)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    outside = cv2.distanceTransform(cv2.bitwise_not(ink), cv2.DIST_L2, 3)
    distances = np.clip(EDGE + (inside - outside) * (127 / reach), 0, 255).astype(np.uint8)
    distances.flags.writeable = False
    return distances, line.from_right


def _ink(line: Line, size: int) -> Bytes:
    high, wide = int(size * 1.5), max(int(np.ceil(line.width * size)), 1) + size // 3
    ink = np.zeros((high, wide), np.uint8)
    scale = size * (1 << SUBPIXELS)
    for glyph in line.glyphs:
        pieces = [
            np.rint((np.array(piece) * (1, -1) + (glyph.x, 1.1 - glyph.y)) * scale).astype(np.int32)
            for piece in _outline(glyph)
        ]
        if pieces:
            cv2.fillPoly(ink, pieces, 255, cv2.LINE_8, SUBPIXELS)
    return ink


def _outline(glyph: Glyph) -> list[list[tuple[float, float]]]:
    """Closed polygons of the glyph, in ems, y upwards. Empty for a space."""
    pieces: list[list[tuple[float, float]]] = []
    em = glyph.face.units_per_em
    draw = hb.DrawFuncs()
    draw.set_move_to_func(lambda x, y, _: pieces.append([(x / em, y / em)]))
    draw.set_line_to_func(lambda x, y, _: pieces[-1].append((x / em, y / em)))
    draw.set_quadratic_to_func(lambda *p: _curve(pieces[-1], [(p[i] / em, p[i + 1] / em) for i in (0, 2)]))
    draw.set_cubic_to_func(lambda *p: _curve(pieces[-1], [(p[i] / em, p[i + 1] / em) for i in (0, 2, 4)]))
    glyph.face.font.draw_glyph(glyph.index, draw, None)
    return [piece for piece in pieces if len(piece) > 2]


def _curve(piece: list[tuple[float, float]], ends: list[tuple[float, float]]) -> None:
    """Append a Bezier curve from the last point, by De Casteljau's rule."""
    control = np.array([piece[-1], *ends])
    for step in range(1, CURVE_STEPS + 1):
        t, points = step / CURVE_STEPS, control
        while len(points) > 1:
            points = points[:-1] * (1 - t) + points[1:] * t
        piece.append((float(points[0][0]), float(points[0][1])))

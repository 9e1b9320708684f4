"""Find strokes, then paint them over from around (Telea 2004; Bertalmio et al. 2001), or from like patches."""

from __future__ import annotations

import cv2
import numpy as np

from tests.bench.visible.scores import REGION_LEVEL, Floats, Mask, Picture
from tests.bench.visible.view import View, dilate, grey, strongest


def departure(picture: Picture, window: int) -> Floats:
    """How far each pixel's brightness is from the median around it, signed."""
    y = grey(picture)
    return (y.astype(np.float32) - cv2.medianBlur(y, window)).astype(np.float32)


def paint(picture: Picture, mask: Mask, method: int) -> Picture:
    return np.asarray(cv2.inpaint(picture, mask.astype(np.uint8), 3, method), np.uint8)


def found_mask(view: View) -> Mask:
    """Strokes lighter or darker than their surroundings. Where too many are found, the truly strongest are kept."""
    mask = dilate(np.abs(departure(view.seen, 41)) > 14, 1)
    return strongest(mask, np.abs(view.pattern))


def oracle_mask(view: View) -> Mask:
    region = dilate(np.abs(view.pattern_rgb).max(axis=2) > REGION_LEVEL, 1)
    return strongest(region, np.abs(view.pattern))


def telea_found(view: View) -> Picture:
    return paint(view.seen, found_mask(view), cv2.INPAINT_TELEA)


def navier_stokes_found(view: View) -> Picture:
    return paint(view.seen, found_mask(view), cv2.INPAINT_NS)


def telea_oracle(view: View) -> Picture:
    return paint(view.seen, oracle_mask(view), cv2.INPAINT_TELEA)


def navier_stokes_oracle(view: View) -> Picture:
    return paint(view.seen, oracle_mask(view), cv2.INPAINT_NS)


def telea_wide(view: View) -> Picture:
    """A wider median, so that whole letters stand out, a keener threshold, and up to seven tenths painted over."""
    off = np.abs(departure(view.seen, 101))
    return paint(view.seen, strongest(dilate(off > 10, 1), off, 0.7), cv2.INPAINT_TELEA)


def telea_then_median(view: View) -> Picture:
    """Paint over, then smooth what is left of the lines."""
    return np.asarray(cv2.medianBlur(telea_found(view), 5), np.uint8)


def two_tones(view: View) -> Picture:
    """Light and dark strokes found apart, each by its own clear step (Otsu 1979), then painted over."""
    off = departure(view.seen, 31)
    mask = np.zeros(off.shape, bool)
    for sign in (1, -1):
        part = np.clip(off * sign, 0, 60).astype(np.uint8)
        level, _ = cv2.threshold(part[part > 3], 0, 255, cv2.THRESH_OTSU)
        mask |= part > level
    return paint(view.seen, strongest(dilate(mask, 1), np.abs(off)), cv2.INPAINT_TELEA)


def patches(view: View) -> Picture:
    """Fill the found strokes from the like-looking patch nearby, coarse to fine (after Criminisi et al. 2004).

    A random search (Barnes et al., PatchMatch 2009) at a third of the size finds where from; fine detail follows.
    """
    mask = found_mask(view)
    third = (view.seen.shape[1] // 3, view.seen.shape[0] // 3)
    start = cv2.resize(paint(view.seen, mask, cv2.INPAINT_TELEA), third, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(mask.astype(np.float32), third, interpolation=cv2.INTER_AREA) > 0.6
    donors = cv2.resize(view.seen, third, interpolation=cv2.INTER_AREA)
    shift_x, shift_y = _search(start, donors, hole)
    size = (view.seen.shape[1], view.seen.shape[0])
    map_x, map_y = (
        cv2.resize(m.astype(np.float32), size, interpolation=cv2.INTER_NEAREST) * 3 for m in (shift_x, shift_y)
    )
    full_y, full_x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    copied = cv2.remap(view.seen, full_x + map_x, full_y + map_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)
    return np.where(mask[..., None], copied, view.seen).astype(np.uint8)


def _search(start: Picture, donors: Picture, hole: Mask, tries: int = 48) -> tuple[Floats, Floats]:
    """For every pixel the shift, of many random ones, whose patch is most like it and lies outside the hole."""
    rng = np.random.default_rng(1)
    best = np.full(hole.shape, np.inf, np.float32)
    chosen = np.zeros((2, *hole.shape), np.float32)
    for _ in range(tries):
        dx, dy = rng.integers(-40, 41, 2)
        turn = np.float32([[1, 0, -dx], [0, 1, -dy]])
        size = (hole.shape[1], hole.shape[0])
        moved = cv2.warpAffine(donors, turn, size, borderMode=cv2.BORDER_REFLECT_101)
        barred = cv2.warpAffine(hole.astype(np.float32), turn, size, borderValue=1)
        cost = cv2.blur(cv2.absdiff(moved, start).sum(axis=2).astype(np.float32), (7, 7)) + 600 * barred
        better = cost < best
        best[better] = cost[better]
        chosen[0][better], chosen[1][better] = dx, dy
    return chosen[0], chosen[1]

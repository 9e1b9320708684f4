"""Undo the drawing with a known or guessed opacity: from one's own upload, a leaked key, or a pattern fitted in place."""

from __future__ import annotations

import cv2
import numpy as np

from tests.bench.visible.scores import REGION_LEVEL, Floats, Picture, luma
from tests.bench.visible.view import SIZE, Marker, View, blur, to_picture


def read_template(marker: Marker, asset: int) -> tuple[Floats, Floats]:
    """A black and a white picture under one key give what is added and what is kept at every pixel."""
    black, white = (
        marker(np.full((SIZE[1], SIZE[0], 3), tone, np.uint8), asset).astype(np.float32) for tone in (0, 255)
    )
    return black, np.clip((white - black) / 255, 0.05, 1)


def own_upload(view: View) -> Picture:
    added, kept = view.templates["own_upload"]
    return to_picture((view.seen - added) / kept)


def leaked_key(view: View) -> Picture:
    added, kept = view.templates["leaked_key"]
    return to_picture((view.seen - added) / kept)


def leaked_key_grey(view: View) -> Picture:
    """The leaked key again, with the marked mid-grey picture as the pattern to subtract."""
    pattern = view.templates["leaked_grey"][0]
    return to_picture(view.seen - pattern)


def registered(view: View) -> Picture:
    """Fit the pattern of one's own upload to this preview, by optical flow on the strokes, and subtract it.

    Shift by phase correlation, then dense flow (Kroeger et al., DIS 2016); the gain by least squares on fine detail.
    """
    pattern = luma(view.own_upload) - 128
    seen = luma(view.seen)
    fine = seen - blur(seen, 12)
    shift, _ = cv2.phaseCorrelate(np.abs(pattern).astype(np.float64), np.abs(fine).astype(np.float64))
    turn = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
    moved = cv2.warpAffine(pattern, turn, SIZE, borderMode=cv2.BORDER_REFLECT_101)
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(_stroke(fine), _stroke(moved), None)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    fitted = cv2.remap(moved, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR)
    window = (129, 129)
    gain = cv2.blur(fitted * fine, window) / (cv2.blur(fitted * fitted, window) + 10)
    return to_picture(view.seen - (np.clip(gain, -2, 2) * fitted)[..., None])


def _stroke(fine: Floats) -> Picture:
    return np.clip(np.abs(blur(fine, 1)) * 5, 0, 255).astype(np.uint8)


def match_statistics(view: View, sigma: float = 10) -> Picture:
    """Oracle. The shape is known: give pixels under strokes the local mean and contrast of those beside them."""
    seen = view.seen.astype(np.float32)
    outside = (np.abs(view.pattern) < REGION_LEVEL / 2).astype(np.float32)

    def local(weight: Floats) -> tuple[Floats, Floats]:
        total = blur(weight, sigma)[..., None] + 1e-4
        mean = blur(seen * weight[..., None], sigma) / total
        spread = blur(seen * seen * weight[..., None], sigma) / total - mean * mean
        return mean, np.sqrt(np.maximum(spread, 1))

    mean_out, spread_out = local(outside)
    clear = seen.copy()
    for sign in (1, -1):
        inside = view.pattern * sign > REGION_LEVEL / 2
        mean_in, spread_in = local(inside.astype(np.float32))
        gain = np.clip(spread_out / spread_in, 1, 3)
        clear[inside] = ((seen - mean_in) * gain + mean_out)[inside]
    return to_picture(clear)


def cleanest_channel(view: View, radius: int = 24) -> Picture:
    """Oracle. Rebuild two colours from the one that the mark touches least."""
    seen = view.seen.astype(np.float32)
    guide = seen[..., int(np.argmin(np.abs(view.pattern_rgb).mean(axis=(0, 1))))]
    weight = (np.abs(view.pattern_rgb).max(axis=2) < REGION_LEVEL).astype(np.float32)

    def box(plane: Floats) -> Floats:
        return np.asarray(cv2.blur(plane, (2 * radius + 1, 2 * radius + 1)), np.float32)

    total = box(weight) + 1e-4
    mean_guide = box(guide * weight) / total
    spread = box(guide * guide * weight) / total - mean_guide**2 + 20
    clear = seen.copy()
    for number in range(3):
        mean = box(seen[..., number] * weight) / total
        slope = (box(seen[..., number] * guide * weight) / total - mean * mean_guide) / spread
        clear[..., number] = np.where(weight > 0, seen[..., number], mean + slope * (guide - mean_guide))
    return to_picture(clear)

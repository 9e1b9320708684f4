"""Many previews, one mark: estimate what they share and take it off (Dekel et al., CVPR 2017)."""

from __future__ import annotations

import cv2
import numpy as np

from tests.bench.visible.scores import Floats, Picture, luma
from tests.bench.visible.view import View, blur, to_picture


def integrate(along: Floats, down: Floats) -> Floats:
    """The plane whose gradients come closest to these, by the cosine transform. Both sides must be even."""
    divergence = np.zeros_like(along)
    divergence[:, :-1] += along[:, :-1]
    divergence[:, 1:] -= along[:, :-1]
    divergence[:-1] += down[:-1]
    divergence[1:] -= down[:-1]
    height, width = along.shape
    waves = 2 * np.cos(np.pi * np.arange(width) / width)[None] + 2 * np.cos(np.pi * np.arange(height) / height)[:, None]
    waves = (waves - 4).astype(np.float32)
    waves[0, 0] = 1
    spectrum = cv2.dct(divergence) / waves
    spectrum[0, 0] = 0
    return np.asarray(cv2.idct(spectrum), np.float32)


def common_pattern(previews: list[Picture]) -> Floats:
    """Opacity times (colour - typical picture), from the median of gradients over the collection."""
    planes = []
    for number in range(3):
        stack = np.stack([preview[..., number] for preview in previews]).astype(np.int16)
        along = np.median(np.diff(stack, axis=2, append=stack[:, :, -1:]), axis=0).astype(np.float32)
        down = np.median(np.diff(stack, axis=1, append=stack[:, -1:]), axis=0).astype(np.float32)
        weak = np.hypot(along, down) < 2
        along[weak] = down[weak] = 0
        mark = integrate(along, down)
        planes.append(mark - (cv2.medianBlur(to_picture(mark + 128), 151).astype(np.float32) - 128))
    return np.dstack(planes)


def fit_matte(common: Floats, previews: list[Picture]) -> tuple[Floats, Floats] | None:
    """The opacity and colour, for light and for dark strokes, that leave the fewest edges. None: nothing is shared."""
    shade = luma(common)
    opacity, colour = np.zeros_like(shade), np.zeros_like(shade)
    probes = [luma(preview) for preview in previews[:: max(1, len(previews) // 8)]]
    typical = blur(np.mean([luma(preview) for preview in previews], axis=0).astype(np.float32) - shade, 5)
    for sign, inks in ((1, (255, 225, 195)), (-1, (0, 30, 60))):
        area = shade * sign > 3
        if area.mean() < 1e-4:
            continue
        edges = area & (np.hypot(*np.gradient(shade)) > 6)
        best = min(
            ((_opacity(shade, typical, area, ink, gain), ink) for ink in inks for gain in (0.7, 0.85, 1.0, 1.15, 1.4)),
            key=lambda option: _edges_left(option, probes, edges),
        )
        opacity += best[0]
        colour[area] = best[1]
    return (opacity[..., None], colour[..., None]) if opacity.any() else None


def _opacity(shade: Floats, typical: Floats, area: Floats, ink: int, gain: float) -> Floats:
    return np.where(area, np.clip(gain * shade / (ink - typical + 1e-3), 0, 0.97), 0).astype(np.float32)


def _edges_left(option: tuple[Floats, int], probes: list[Floats], edges: Floats) -> float:
    opacity, ink = option
    total = 0.0
    for probe in probes:
        clear = (probe - opacity * ink) / (1 - opacity)
        total += float(np.minimum(np.abs(np.diff(clear, axis=1, append=clear[:, -1:])), 40)[edges].sum())
    return total


def many_images(view: View) -> Picture:
    if view.common is None:
        return view.seen
    opacity, colour = view.common
    return to_picture((view.seen - opacity * colour) / (1 - opacity))

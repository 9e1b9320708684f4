"""What an attacker holds, and what the bench alone knows; and the few picture operations all attacks share."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from tests.bench.visible.scores import Floats, Mask, Picture

SIZE = (1600, 1066)
"""Preview size; both sides even, as the cosine transform needs."""
TEXT = "PREVIEW client@example.com"
QUALITY = 88

Marker = Callable[[Picture, int], Picture]
"""Marks a picture for one asset: the number stands for the asset's secret key."""


@dataclass(frozen=True)
class View:
    """One preview under attack. Attacks listed as oracles may look at `original`, `pattern` and `pattern_rgb`."""

    seen: Picture
    original: Picture
    pattern: Floats
    pattern_rgb: Floats
    own_upload: Picture
    """A mid-grey picture of the attacker's own, marked under another key."""
    templates: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    """Opacity read from a black and a white picture: of the attacker's own upload, and with this asset's leaked key."""
    common: tuple[Floats, Floats] | None = None
    """The matte estimated over a whole collection, if it found one."""


def load(path: Path) -> Picture:
    picture = Image.open(path).convert("RGB")
    return np.asarray(ImageOps.fit(picture, SIZE, Image.Resampling.LANCZOS))


def as_jpeg(picture: Picture, quality: int = QUALITY) -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def to_picture(values: Floats) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def blur(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def dilate(mask: Mask, pixels: int) -> Mask:
    side = 2 * pixels + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8))).astype(bool)


def strongest(mask: Mask, weight: Floats, share: float = 0.5) -> Mask:
    """At most `share` of the picture can be invented anew: the strongest part of the mask."""
    return mask if mask.mean() <= share else mask & (weight >= np.quantile(weight, 1 - share))

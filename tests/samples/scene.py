"""The drawn picture that most samples hold, so that what comes out can be compared with what went in."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image


@dataclass(frozen=True)
class Sample:
    """A small, sound file of one format, made by the project.

    ``reference`` is what its first page should look like, without a mark; None where the look is the renderer's own
    choice (a specimen, a listing, a waveform). ``least`` is the least SSIM allowed between the two, and between later pages
    (``later``, from the second on) and theirs.
    """

    format: str
    filename: str
    content: bytes
    media_type: str
    reference: npt.NDArray[np.uint8] | None = None
    least: float = 0.97
    later: tuple[npt.NDArray[np.uint8], ...] = ()


def scene(width: int = 480, height: int = 320) -> npt.NDArray[np.uint8]:
    """uint8 height x width x 3 sRGB: soft light, a disc, a ring, stripes, an odd corner. No two sides alike."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = width / 480
    red = 70 + 120 * x / width + 25 * np.sin(y / (23 * unit))
    green = 160 - 90 * y / height + 20 * np.sin(x / (31 * unit))
    blue = 60 + 100 * (1 - x / width) * (y / height) + 40
    picture = np.dstack([red, green, blue])
    picture[np.hypot(x - 130 * unit, y - 110 * unit) < 60 * unit] = (230, 190, 60)
    ring = np.abs(np.hypot(x - 330 * unit, y - 200 * unit) - 70 * unit) < 9 * unit
    picture[ring] = (30, 50, 120)
    picture[(y > 270 * unit) & ((x // (20 * unit)) % 2 == 0)] *= 0.55
    picture[(x < 60 * unit) & (y < 30 * unit)] = (200, 30, 40)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture's bytes in a format of Pillow's."""
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()

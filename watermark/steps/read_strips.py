"""Bring a decoded Pillow picture of any mode to 8-bit pixels, already scaled down, in strips of bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from watermark.limits import PROOF_SIDE
from watermark.pipeline import Pixels, Space
from watermark.steps.flatten import flatten_alpha

STRIP_PIXELS: Final = 4_000_000

_SAME: Final[dict[str, Space]] = {"L": "L", "RGB": "RGB", "CMYK": "CMYK", "LAB": "LAB"}
_ALPHA: Final = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})

Tone: TypeAlias = Callable[[npt.NDArray[np.generic]], npt.NDArray[np.uint8]]


def read_strips(picture: Image.Image) -> tuple[Pixels, Space, bool]:
    """The picture, shrunk by a whole factor to not less than the proof's size: pixels, their space, tones scaled or not.

    Transparency is flattened and deep pictures are brought to 8 bits strip by strip, so that a picture of 100
    megapixels is never held twice. `picture` must be loaded.
    """
    width, height = picture.size
    factor = max(1, max(width, height) // PROOF_SIDE)
    across, down = min(factor, width), min(factor, height)
    out_width, out_height = width // across, height // down
    rows = max(1, STRIP_PIXELS // width // down)
    tone, scaled = _tone(picture)
    result: Pixels | None = None
    space: Space = "RGB"
    for top in range(0, out_height, rows):
        bottom = min(out_height, top + rows)
        strip = picture.crop((0, top * down, out_width * across, bottom * down))
        pixels, space = _to_bytes(strip, tone)
        if result is None:
            result = np.empty((out_height, out_width, pixels.shape[2]), np.uint8)
        small = cv2.resize(pixels, (out_width, bottom - top), interpolation=cv2.INTER_AREA) if factor > 1 else pixels
        result[top:bottom] = small.reshape(bottom - top, out_width, -1)
    if result is None:
        raise ValueError("a picture without rows")
    return result, space, scaled


def _to_bytes(strip: Image.Image, tone: Tone | None) -> tuple[Pixels, Space]:
    """uint8 height x width x channels and what the channels mean."""
    if tone is not None:
        return tone(np.asarray(strip))[:, :, None], "L"
    if strip.mode in _ALPHA or "transparency" in strip.info:
        return flatten_alpha(np.asarray(strip.convert("RGBA"))), "RGB"
    if strip.mode == "1":
        strip = strip.convert("L")
    if strip.mode not in _SAME:
        strip = strip.convert("RGB")
    pixels = np.asarray(strip)
    return (pixels if pixels.ndim == 3 else pixels[:, :, None]), _SAME[strip.mode]


def _tone(picture: Image.Image) -> tuple[Tone | None, bool]:
    """For deep one-channel pictures, how to bring them to 8 bits; and whether that had to be guessed from the values."""
    if picture.mode.startswith("I;16"):
        return _linear(0.0, 65535.0), False
    if picture.mode not in ("I", "F"):
        return None, False
    low, high = (float(v) for v in picture.getextrema())  # type: ignore[arg-type]
    if not (np.isfinite(low) and np.isfinite(high)):
        return _linear(0.0, 1.0), True
    # The usual full scales, smallest first; else stretch what is there.
    for full in (1.0, 65535.0) if picture.mode == "F" else (65535.0,):
        if low >= 0 and high <= full:
            return _linear(0.0, full), False
    return _linear(low, high), True


def _linear(low: float, high: float) -> Tone:
    span = max(high - low, 1e-9)

    def apply(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
        scaled = (np.nan_to_num(values.astype(np.float32)) - low) * (255.0 / span) + 0.5
        return np.asarray(np.clip(scaled, 0, 255), np.uint8)

    return apply

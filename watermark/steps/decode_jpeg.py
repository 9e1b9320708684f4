"""Decode a JPEG scaled down while decoding: the inverse DCT makes fewer pixels (libjpeg-turbo, scales n/8)."""

from __future__ import annotations

import mmap
from typing import Final

import simplejpeg

from watermark.limits import PROOF_SIDE
from watermark.pipeline import Pixels, Space
from watermark.steps.resize import fitted

_SPACES: Final[dict[str, Space]] = {"Gray": "L"}


def decode_jpeg(data: bytes | mmap.mmap, width: int, height: int) -> tuple[Pixels, Space]:
    """Pixels at the smallest scale that is not below the proof's size. Raises ValueError on CMYK and on any damage.

    `width` and `height` are the picture's own, from its header.
    """
    colour: str = simplejpeg.decode_jpeg_header(data)[2]
    if colour in ("CMYK", "YCCK"):
        raise ValueError("four channels")
    space = _SPACES.get(colour, "RGB")
    least_width, least_height = fitted(width, height, PROOF_SIDE)
    pixels: Pixels = simplejpeg.decode_jpeg(
        data, "GRAY" if space == "L" else "RGB", min_width=least_width, min_height=least_height
    )
    return pixels, space

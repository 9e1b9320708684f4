"""Write pixels to bytes: a JFIF header, tables and the scan, and nothing else."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import simplejpeg

from watermark.pipeline import Pixels
from watermark.results import ProofType

RENDITION_QUALITY: Final = 82
PROOF_QUALITY: Final = 95
FLAT_BITS_PER_PIXEL: Final = 0.9
"""Under this, at proof quality, a picture is line art or flat colour: there PNG is often no larger, and exact."""


def encode_rendition(pixels: Pixels, quality: int = RENDITION_QUALITY) -> bytes:
    """A baseline JPEG, 4:2:0."""
    return bytes(simplejpeg.encode_jpeg(pixels, quality, "RGB", "420"))


def encode_proof(pixels: Pixels) -> tuple[bytes, ProofType]:
    """A JPEG of high quality with full colour resolution; for flat pictures a PNG, if not much larger."""
    jpeg = bytes(simplejpeg.encode_jpeg(pixels, PROOF_QUALITY, "RGB", "444"))
    if len(jpeg) * 8 > FLAT_BITS_PER_PIXEL * pixels.shape[0] * pixels.shape[1]:
        return jpeg, "image/jpeg"
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    worked, png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 2])
    if worked and png.size <= 2 * len(jpeg):
        return png.tobytes(), "image/png"
    return jpeg, "image/jpeg"


def decode_proof(proof: bytes) -> Pixels:
    """The pixels of what `encode_proof` wrote. Raises ValueError if it is neither."""
    if proof.startswith(b"\xff\xd8"):
        decoded: Pixels = simplejpeg.decode_jpeg(proof, "RGB")
        return decoded
    bgr = cv2.imdecode(np.frombuffer(proof, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError("not a proof")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)

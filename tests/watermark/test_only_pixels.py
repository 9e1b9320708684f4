"""Promise 7, for every format: what leaves the sandbox is looked at again by readers that did not write it, and holds pixels
and nothing else. The same look (`watermark.layout`) is taken at every ingest, before anything is stored."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.samples.every import every_sample
from tests.samples.scene import Sample
from tests.watermark.conftest import Run, corners, saved
from watermark import RenderStopped
from watermark.answers import read_renditions
from watermark.layout import bare_jpeg_size, bare_png_size
from watermark.limits import SIZES
from watermark.outside.office import ENDINGS, SOFFICE

JPEG, PNG = saved(corners(), "JPEG"), saved(corners(), "PNG")
SEGMENT = b"\xff%c" + struct.pack(">H", 10) + b"12345678"


def holds_only_pixels(encoded: bytes) -> None:
    """By our own reader, by Pillow's view of what stands beside the pixels, and by OpenCV's decoder."""
    size = bare_png_size(encoded) if encoded.startswith(b"\x89PNG") else bare_jpeg_size(encoded)
    with Image.open(io.BytesIO(encoded)) as seen:
        seen.load()
        assert seen.size == size and getattr(seen, "n_frames", 1) == 1
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not seen.getexif() and not getattr(seen, "text", {})
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.shape[1::-1] == size and decoded.dtype == np.uint8


@pytest.mark.parametrize("sample", every_sample(), ids=lambda sample: f"{sample.format} {sample.filename}")
def test_promise_7_every_format_leaves_as_pixels(ingested: Run, sample: Sample) -> None:
    header, pages = ingested(sample.content, sample.filename)
    if sample.media_type in ENDINGS and not SOFFICE.present():
        assert (header.kind, pages) == ("card", [])
        return
    assert header.kind != "card" and pages
    for page in pages:
        holds_only_pixels(page.proof)
        for rendition in page.renditions.values():
            holds_only_pixels(rendition)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize(
    "smuggled",
    [
        JPEG + b"tail",
        JPEG + JPEG,
        *(JPEG[:2] + SEGMENT.replace(b"%c", bytes([marker])) + JPEG[2:] for marker in [*range(0xE0, 0xF0), 0xFE]),
        *(JPEG[:-2] + SEGMENT.replace(b"%c", bytes([marker])) + JPEG[-2:] for marker in (0xE1, 0xFE, 0xDA)),
        saved(corners(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
        saved(corners(), "JPEG", comment=b"hello"),
        saved(corners(), "JPEG", progressive=True),
        JPEG[:-2],
    ],
)
def test_a_jpeg_with_anything_else_is_no_answer(smuggled: bytes) -> None:
    with pytest.raises(RenderStopped) as caught:
        bare_jpeg_size(smuggled)
    assert caught.value.code == "bad_answer"
    with pytest.raises(RenderStopped):
        read_renditions({"sizes": list(SIZES)}, [JPEG, smuggled, JPEG])


@pytest.mark.parametrize(
    "smuggled",
    [
        PNG + b"tail",
        PNG[:33] + chunk(b"tEXt", b"Comment\0hello") + PNG[33:],
        PNG[:33] + chunk(b"eXIf", b"MM\0*") + PNG[33:],
        PNG[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(b"p")) + PNG[33:],
        PNG[:-12] + chunk(b"zTXt", b"k\0\0" + zlib.compress(b"v")) + PNG[-12:],
        PNG[:-12],
    ],
)
def test_a_png_with_anything_else_is_no_answer(smuggled: bytes) -> None:
    with pytest.raises(RenderStopped):
        bare_png_size(smuggled)

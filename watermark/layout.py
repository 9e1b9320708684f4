"""A second look at encoded bytes, by another reader than the one that wrote them: pixels and nothing else.

JPEG by ITU-T T.81 annex B, PNG by RFC 2083 chapter 3. Used on everything that comes out of the child, which is not trusted.
"""

from __future__ import annotations

import struct
from typing import Final

from watermark.errors import RenderStopped

_TABLES: Final = frozenset({0xDB, 0xC4, 0xDD})  # quantisation, Huffman, restart interval
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_JFIF: Final = 0xE0
_SCAN: Final = 0xDA
_JFIF_LENGTH: Final = 16
"""Of an APP0 without the thumbnail that it could hold."""
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


def bare_jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that holds one picture and no metadata. Raises RenderStopped (`bad_answer`) if not."""
    try:
        return _jpeg_size(data)
    except (struct.error, IndexError) as fault:
        raise RenderStopped(code="bad_answer") from fault


def bare_png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG with the chunks of its pixels alone. Raises RenderStopped (`bad_answer`) if not."""
    at = len(_PNG_SIGNATURE)
    _require(data.startswith(_PNG_SIGNATURE) and data[at + 4 : at + 8] == b"IHDR")
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        _require(name in _PNG_CHUNKS)
        at += 12 + length
        if name == b"IEND":
            break
    _require(at == len(data) and data[-8:-4] == b"IEND")
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    _require(data[:2] == b"\xff\xd8")
    at, size = 2, None
    while True:
        _require(data[at] == 0xFF)
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        elif marker == _JFIF:
            _require(at == 2 and length == _JFIF_LENGTH and data[at + 4 : at + 9] == b"JFIF\0")
        elif marker != _SCAN:
            _require(marker in _TABLES)
        at += 2 + length
        if marker == _SCAN:
            break
    # In coded data FF is followed by 0 or a restart marker, so the first end marker is the end of the picture.
    _require(size is not None and data.find(b"\xff\xd9", at) == len(data) - 2)
    _require(_one_scan(data, at))
    assert size is not None  # noqa: S101 - required above
    return size


def _one_scan(data: bytes, at: int) -> bool:
    """No segment between the first scan and the end: our encoders write baseline, one scan."""
    while True:
        at = data.find(b"\xff", at)
        if at == len(data) - 2:
            return True
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return False
        at += 2


def _require(holds: bool) -> None:
    if not holds:
        raise RenderStopped(code="bad_answer")

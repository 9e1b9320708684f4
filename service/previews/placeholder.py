"""The picture that stands where a preview is not ready: a plain grey sheet, written as PNG without any decoder."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT, GREY = 480, 320, 0xD9


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk (ISO/IEC 15948, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey_sheet(width: int, height: int, grey: int) -> bytes:
    """A PNG of one grey level, ``width`` x ``height`` px."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


PLACEHOLDER = grey_sheet(WIDTH, HEIGHT, GREY)

"""The picture that stands in for one that is not there: a small neutral card, drawn by us from nothing."""

from __future__ import annotations

import struct
import zlib
from functools import cache

WIDTH, HEIGHT = 480, 320
_GROUND, _FRAME, _DOT = 0, 1, 2
_COLOURS = bytes((0xEE, 0xEE, 0xEB, 0xD5, 0xD5, 0xD0, 0xA9, 0xA9, 0xA4))


@cache
def placeholder() -> bytes:
    """A PNG of 480 x 320 px: a framed grey card with three dots."""
    rows = b"".join(b"\0" + bytes(_colour(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", _COLOURS), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _colour(x: int, y: int) -> int:
    edge = min(x, y, WIDTH - 1 - x, HEIGHT - 1 - y)
    if any(
        (x - middle) ** 2 + (y - HEIGHT // 2) ** 2 <= 10**2 for middle in (WIDTH // 2 - 40, WIDTH // 2, WIDTH // 2 + 40)
    ):
        return _DOT
    return _FRAME if edge < 4 else _GROUND


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""A PNG with its pixels and nothing else: no text, no EXIF, no profile, no bytes after its end."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def plain_png(data: bytes) -> bytes:
    """The chunks that pixels are made of (PNG, third edition, 11.2), written anew; raises ValueError for what is cut off,
    damaged, or not a PNG."""
    if not data.startswith(SIGNATURE):
        raise ValueError("not a PNG")
    out, at = [SIGNATURE], len(SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        end = at + 12 + length
        if end > len(data) or struct.unpack_from(">I", data, end - 4)[0] != zlib.crc32(kind + body):
            raise ValueError("a damaged PNG")
        if kind in _KEPT:
            out.append(data[at:end])
        if kind == b"IEND":
            return b"".join(out)
        at = end
    raise ValueError("a PNG that is cut off")

"""A second look at a clip that a program has encoded, by another reader: H.264 and AAC in boxes that we know, nothing else.

ISO/IEC 14496-12 (boxes), 14496-14 and -15 (what a stream is made of). What a muxer adds as a note is emptied.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from watermark.errors import RenderStopped

_HOLDERS: Final = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl"})
_PLAIN: Final = frozenset(
    {
        *(b"ftyp", b"mvhd", b"tkhd", b"elst", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"dref", b"stsd", b"stts", b"stss"),
        *(b"ctts", b"stsc", b"stsz", b"stco", b"sgpd", b"sbgp", b"free", b"mdat"),
    }
)
_EMPTIED: Final = frozenset({b"udta", b"free"})
_HANDLERS: Final = {b"vide": b"VideoHandler\0", b"soun": b"SoundHandler\0"}
_ENTRIES: Final = {b"vide": b"avc1", b"soun": b"mp4a"}
LONGEST: Final = 64.0
"""Seconds."""

Mp4 = tuple[bytes, tuple[int, int], float, bool]
"""The bytes to keep, width and height (0 without a film), seconds, and whether there is sound."""


def bare_mp4(data: bytes) -> Mp4:
    """Raises RenderStopped (`bad_answer`) for anything else than a clip of ours."""
    try:
        return _checked(bytearray(data))
    except (struct.error, IndexError, KeyError) as fault:
        raise RenderStopped(code="bad_answer") from fault


def _checked(data: bytearray) -> Mp4:
    size, seconds, kinds, order = (0, 0), 0.0, [], []
    for name, at, end, depth in _boxes(data, 0, len(data), 0):
        body = bytes(data[at + 8 : min(end, at + 200)])
        if depth == 0:
            order.append(name)
        if name in _EMPTIED:
            data[at + 4 : end] = b"free" + bytes(end - at - 8)
        elif name == b"mvhd":
            scale, length = struct.unpack_from(">II", body, 12)
            seconds = length / scale if scale else 0.0
            _require(body[0] == 0 and body[4:12] == bytes(8))  # no date
        elif name == b"tkhd":
            _require(body[4:12] == bytes(8))
            wide, high = struct.unpack_from(">II", body, 76)
            size = max(size, (wide >> 16, high >> 16))
        elif name == b"mdhd":
            _require(body[4:12] == bytes(8))
        elif name == b"hdlr":
            kind = body[8:12]
            _require(body[24:] == _HANDLERS[kind])
            kinds.append(kind)
        elif name == b"stsd":
            _require(struct.unpack_from(">I", body, 4)[0] == 1 and body[12:16] == _ENTRIES[kinds[-1]])
        elif name == b"dref":
            _require(end - at == 28 and body[12:16] == b"url " and body[19] == 1)  # in this file
    _require([name for name in order if name not in _EMPTIED] == [b"ftyp", b"moov", b"mdat"])
    _require(0 < seconds <= LONGEST and kinds in ([b"vide"], [b"soun"], [b"vide", b"soun"]))
    return bytes(data), size if b"vide" in kinds else (0, 0), seconds, b"soun" in kinds


def _boxes(data: bytearray, at: int, until: int, depth: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(Name, start, end, depth) of every box, those that hold others before what they hold."""
    while at < until:
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + length
        _require(length >= 8 and end <= until and depth < 8)
        _require(name in _PLAIN or name in _HOLDERS or name in _EMPTIED)
        yield name, at, end, depth
        if name in _HOLDERS:
            yield from _boxes(data, at + 8, end, depth + 1)
        at = end


def _require(holds: bool) -> None:
    if not holds:
        raise RenderStopped(code="bad_answer")

"""Where a file's parts lie: (start, end) of each, by its format's own rules, so that damage can respect or break them."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from tests.fuzz import streams
from tests.samples.cr3 import CANON

Parts = list[tuple[int, int]]


def parts_of(content: bytes) -> Parts:
    """The parts of a file; two thirds for one of no known structure, or so damaged that none is found."""
    try:
        found = _split(content)
    except (struct.error, ValueError, IndexError):
        found = []
    third = max(1, len(content) // 3)
    return [part for part in found if part[0] < part[1] <= len(content)] or [(0, third), (third, len(content))]


def _split(content: bytes) -> Parts:
    for magic, split in _SPLITTERS.items():
        if content.startswith(magic):
            return split(content)
    if content[:1] == content[188:189] == b"G":
        return streams.packets(content)
    return _boxes(content) if content[4:8] in _BOXES else _words(content)


def _png(content: bytes) -> Parts:
    found, at = [(0, 8)], 8
    while at + 12 <= len(content):
        end = at + 12 + int(struct.unpack_from(">I", content, at)[0])
        found.append((at, end))
        at = end
    return found


def _jpeg(content: bytes) -> Parts:
    found, at = [(0, 2)], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        end = at + 2 + int(struct.unpack_from(">H", content, at + 2)[0])
        found.append((at, end))
        at = end
    return [*found, (at, min(at + 14, len(content))), (at + 14, len(content))]


def _riff(content: bytes) -> Parts:
    found, at = [(0, 12)], 12
    while at + 8 <= len(content):
        length = int(struct.unpack_from("<I", content, at + 4)[0])
        end = at + 8 + length + length % 2
        found.append((at, end))
        at = end
    return found


def _boxes(content: bytes, at: int = 0, until: int | None = None) -> Parts:
    """ISO base media: boxes, and the boxes within those that hold others."""
    found, until = [], len(content) if until is None else until
    while at + 8 <= until:
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + length if length >= 8 else until
        found.append((at, min(end, until)))
        if name in _HOLD or content[at + 8 : at + 24] == CANON:
            found += _boxes(content, at + _BEFORE.get(name, 8), min(end, until))
        at = end
    return found


def _tiff(content: bytes) -> Parts:
    order = "<" if content[:2] == b"II" else ">"
    found, at = [(0, 8)], int(struct.unpack_from(order + "I", content, 4)[0])
    while 0 < at < len(content) - 6 and len(found) < 300:
        count = int(struct.unpack_from(order + "H", content, at)[0])
        found += [(at, at + 2), *((at + 2 + 12 * n, at + 14 + 12 * n) for n in range(count))]
        link = at + 2 + 12 * count
        if link + 4 > len(content):
            break
        found.append((link, link + 4))
        at = int(struct.unpack_from(order + "I", content, link)[0])
    return found


def _font(content: bytes) -> Parts:
    count = int(struct.unpack_from(">H", content, 4)[0])
    found = [(0, 12)]
    for number in range(count):
        entry = 12 + 16 * number
        offset, length = struct.unpack_from(">II", content, entry + 8)
        found += [(entry, entry + 16), (offset, offset + length)]
    return found


def _psd(content: bytes) -> Parts:
    found, at = [(0, 26)], 26
    for _ in range(3):
        end = at + 4 + int(struct.unpack_from(">I", content, at)[0])
        found.append((at, end))
        at = end
    return [*found, (at, at + 2), (at + 2, len(content))]


def _words(content: bytes) -> Parts:
    """Text and what is made of text: numbers, names, tags, strings."""
    found = [match.span() for match in re.finditer(rb"<[^<>]{1,300}>|/\w+|-?\d+(?:\.\d+)?|\b\w+\b", content[:200_000])]
    return found[:2000]


_BOXES = (b"ftyp", b"wide", b"moov")
_HOLD = {b"meta", b"iprp", b"ipco", b"moov", b"trak", b"jp2h", b"mdia", b"minf", b"dinf", b"stbl", b"edts", b"udta"}
_HOLD |= {b"stsd", b"CRAW"}
_BEFORE = {b"meta": 12, b"stsd": 16, b"CRAW": 90, b"uuid": 24}
"""Bytes of a box that stand before those within it, where they are not its length and name alone."""
_SPLITTERS: dict[bytes, Callable[[bytes], Parts]] = {
    b"\x89PNG": _png,
    b"\xff\xd8": _jpeg,
    b"RIFF": _riff,
    b"\0\0\0\x0cjP": _boxes,
    b"II": _tiff,
    b"MM": _tiff,
    b"\0\x01\0\0": _font,
    b"OTTO": _font,
    b"FUJIFILM": streams.fuji,
    b"wOFF": streams.packed_font,
    b"PK": streams.archive,
    b"\x1aE\xdf\xa3": streams.matroska,
    b"OggS": streams.by_mark(rb"OggS"),
    b"\0\0\x01\xba": streams.by_mark(rb"\0\0\x01[\xb3-\xef]"),
    b"ID3": streams.by_mark(rb"ID3|T[A-Z]{2}\w|\xff[\xfa\xfb]"),
    b"\xff\xf1": streams.by_mark(rb"\xff\xf1"),
    b"fLaC": streams.flac,
    b"FORM": streams.chunks(12, ">I"),
    b"caff": streams.chunks(8, ">q"),
    b"0&\xb2u": streams.chunks(30, "<Q", name=16),
    b"FLV": streams.flash,
    b"\x06\x0e+4": streams.triplets,
    b"8BPS": _psd,
    b"#!AMR": streams.by_mark(rb"\x04.{12}"),
    b"\xd0\xcf\x11\xe0": streams.compound,
}

"""Where the parts of films, sounds and archives lie, by their containers' own rules."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

Parts = list[tuple[int, int]]
MOST = 600


def matroska(content: bytes) -> Parts:
    """EBML (RFC 8794): elements, and the elements within those that hold others."""
    return _elements(content, 0, len(content))


_HOLDS = {0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0x1C53BB6B, 0xA0}


def _elements(content: bytes, at: int, until: int) -> Parts:
    found: Parts = []
    while at < until and len(found) < MOST:
        start = at
        name, at = _number(content, at, keep_mark=True)
        length, at = _number(content, at, keep_mark=False)
        end = min(at + length, until)
        if name < 0 or length < 0:
            break
        found.append((start, end))
        if name in _HOLDS:
            found += _elements(content, at, end)
        at = end
    return found


def _number(content: bytes, at: int, *, keep_mark: bool) -> tuple[int, int]:
    """A number of one to eight bytes; its first one bit says how many. -1 where there is none."""
    if at >= len(content) or content[at] == 0:
        return -1, at + 1
    length = 9 - content[at].bit_length()
    value = int.from_bytes(content[at : at + length], "big")
    return value if keep_mark else value & ((1 << 7 * length) - 1), at + length


def by_mark(mark: bytes) -> Callable[[bytes], Parts]:
    """Parts that begin with a mark: Ogg's pages, MPEG's start codes, the frames of MP3 and AAC."""

    def split(content: bytes) -> Parts:
        starts = [match.start() for match in re.finditer(mark, content, re.DOTALL)][:MOST]
        return [*zip(starts, [*starts[1:], len(content)], strict=True), (0, min(64, len(content)))]

    return split


def packets(content: bytes) -> Parts:
    """An MPEG transport stream: 188 bytes each."""
    return [(at, at + 188) for at in range(0, len(content) - 187, 188)][:MOST]


def chunks(head: int, size: str, name: int = 4) -> Callable[[bytes], Parts]:
    """Name, size, content: AIFF, CAF, ASF."""
    length = struct.calcsize(size)

    def split(content: bytes) -> Parts:
        found, at = [(0, head)], head
        while at + name + length <= len(content) and len(found) < MOST:
            said = int(struct.unpack_from(size, content, at + name)[0])
            # ASF counts the whole object, the others what follows.
            end = at + said if name == 16 else at + name + length + said
            if not at < end <= len(content):
                end = len(content)
            found += [(at, end), (at, min(at + 40, end))]
            at = end + (end % 2 if head == 12 else 0)
        return found

    return split


def compound(content: bytes) -> Parts:
    """The older office documents: the header, the entries of the directory's first sector, and all sectors."""
    shift, first = struct.unpack_from("<H", content, 30)[0], struct.unpack_from("<I", content, 48)[0]
    if shift not in (9, 12):
        raise ValueError(shift)
    size = 1 << shift
    entries = range((first + 1) * size, (first + 2) * size, 128)
    sectors = range(size, len(content), size)
    return [(0, 76), (76, 512), *((at, at + 128) for at in entries), *((at, at + size) for at in sectors)][:MOST]


def flac(content: bytes) -> Parts:
    found, at = [(0, 4)], 4
    while at + 4 <= len(content):
        end = at + 4 + int.from_bytes(content[at + 1 : at + 4], "big")
        found.append((at, end))
        if content[at] & 0x80:
            at = end
            break
        at = end
    return [*found, (at, at + 16), (at, len(content))]


def flash(content: bytes) -> Parts:
    """FLV: a head of nine bytes, then tags with the length of the one before between them."""
    found, at = [(0, 9)], 13
    while at + 11 <= len(content) and len(found) < MOST:
        end = at + 11 + int.from_bytes(content[at + 1 : at + 4], "big")
        found += [(at, at + 11), (at, min(end, len(content)))]
        at = end + 4
    return found


def fuji(content: bytes) -> Parts:
    """RAF: the six places in its head, its table, and the entries of the TIFF before the sensor's data."""
    jpeg, length, table, size, cells, _ = struct.unpack_from(">6I", content, 84)
    fields = [
        (at, at + 4) for at in (*range(84, 108, 4), *range(table, table + size, 4), *range(cells, cells + 120, 4))
    ]
    return [*fields, (jpeg, jpeg + length), (table, table + size), (cells, len(content))]


def triplets(content: bytes) -> Parts:
    """MXF (SMPTE 336): key of sixteen bytes, length in BER, value."""
    found, at = [(0, 16)], 0
    while at + 17 <= len(content) and len(found) < MOST:
        size = content[at + 16]
        extra = size & 0x7F if size & 0x80 else 0
        length = int.from_bytes(content[at + 17 : at + 17 + extra], "big") if extra else size
        end = at + 17 + extra + length
        found += [(at, at + 17 + extra), (at, min(end, len(content)))]
        at = end
    return found


def archive(content: bytes) -> Parts:
    """A ZIP's local heads, and the entries of its directory."""
    starts = [match.start() for match in re.finditer(rb"PK(\x03\x04|\x01\x02|\x05\x06)", content)][:MOST]
    ends = [*starts[1:], len(content)]
    return [*zip(starts, ends, strict=True), *((at, min(at + 46, len(content))) for at in starts)]


def packed_font(content: bytes) -> Parts:
    """WOFF: a head of 44 bytes, entries of 20, tables."""
    (count,) = struct.unpack_from(">H", content, 12)
    found = [(0, 44)]
    for number in range(count):
        entry = 44 + 20 * number
        offset, length = struct.unpack_from(">II", content, entry + 4)
        found += [(entry, entry + 20), (offset, offset + length)]
    return found

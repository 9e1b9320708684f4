"""A ZIP of stored (uncompressed) originals whose every byte is known before the first is sent.

With each original's CRC-32 kept from its upload, headers need no data descriptors and the whole layout follows from
names, sizes and checksums: Content-Length is exact, and any range can be served by reading just that range, also
from a remote store. Format: PKWARE APPNOTE 6.3.10; ZIP64 records only where a size, an offset or the count needs them.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

_LIMIT32 = 0xFFFFFFFF
_LIMIT16 = 0xFFFF
_UTF8_FLAG = 0x0800
_STORED = 0
_MADE_BY_UNIX = 3 << 8
_REGULAR_FILE = 0o100644 << 16


@dataclass(frozen=True)
class Entry:
    """One original in the archive. ``name`` is a safe relative path, unique in the archive; ``size`` in bytes."""

    name: str
    size: int
    crc32: int
    modified: datetime
    key: str


@dataclass(frozen=True)
class Stored:
    """A piece that is bytes ``start`` to ``stop`` (exclusive) of the stored object ``key``. ``crc32`` is of those bytes, where
    that is known: of a whole original."""

    key: str
    start: int
    stop: int
    crc32: int | None = None


Piece = bytes | Stored


class Archive:
    """The layout of a ZIP over ``entries``. ``size`` is its length in bytes."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        self.size = 0
        headers = []
        for entry in entries:
            offset = self.size
            self._append(_local_header(entry))
            self._append(Stored(entry.key, 0, entry.size, entry.crc32))
            headers.append(_central_header(entry, offset))
        start, directory = self.size, b"".join(headers)
        self._append(directory + _end_records(len(entries), start, len(directory)))

    def _append(self, piece: Piece) -> None:
        length = _length(piece)
        if length:
            self._pieces.append(piece)
            self._starts.append(self.size)
            self.size += length

    def pieces(self, start: int, stop: int) -> Iterator[Piece]:
        """What bytes ``start`` to ``stop`` (exclusive) of the archive are made of, in order."""
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._pieces) and self._starts[index] < stop:
            piece, begins = self._pieces[index], self._starts[index]
            first, last = max(0, start - begins), min(_length(piece), stop - begins)
            if isinstance(piece, bytes):
                yield piece[first:last]
            else:
                whole = (first, last) == (0, _length(piece))
                yield Stored(piece.key, piece.start + first, piece.start + last, piece.crc32 if whole else None)
            index += 1


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.stop - piece.start


def _dos_time(moment: datetime) -> tuple[int, int]:
    """(time, date) in DOS form; years outside 1980 to 2107 are moved to its edge."""
    year = min(max(moment.year, 1980), 2107)
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (year - 1980) << 9 | moment.month << 5 | moment.day


def _local_header(entry: Entry) -> bytes:
    name = entry.name.encode()
    big = entry.size >= _LIMIT32
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size) if big else b""
    size = _LIMIT32 if big else entry.size
    time, date = _dos_time(entry.modified)
    fixed = struct.pack(
        "<4sHHHHHIIIHH",
        b"PK\x03\x04", 45 if big else 20, _UTF8_FLAG, _STORED, time, date, entry.crc32, size, size, len(name), len(extra),
    )  # fmt: skip
    return fixed + name + extra


def _central_header(entry: Entry, offset: int) -> bytes:
    name = entry.name.encode()
    wide = [value for value in (entry.size, entry.size, offset) if value >= _LIMIT32]
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size, place = min(entry.size, _LIMIT32), min(offset, _LIMIT32)
    time, date = _dos_time(entry.modified)
    version = 45 if wide else 20
    fixed = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\x01\x02", _MADE_BY_UNIX | version, version, _UTF8_FLAG, _STORED, time, date, entry.crc32, size, size,
        len(name), len(extra), 0, 0, 0, _REGULAR_FILE, place,
    )  # fmt: skip
    return fixed + name + extra


def _end_records(count: int, start: int, length: int) -> bytes:
    wide = count >= _LIMIT16 or start >= _LIMIT32 or length >= _LIMIT32
    zip64 = b""
    if wide:
        zip64 = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, _MADE_BY_UNIX | 45, 45, 0, 0, count, count, length, start
        ) + struct.pack("<4sIQI", b"PK\x06\x07", 0, start + length, 1)
    short = min(count, _LIMIT16)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, short, short, min(length, _LIMIT32), min(start, _LIMIT32), 0)
    return zip64 + end

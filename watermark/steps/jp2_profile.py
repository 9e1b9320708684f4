"""The colour profile of a JPEG 2000 file, which Pillow leaves unread."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

LARGEST: Final = 8 << 20
"""Bytes of a profile: those of printers, the largest, have some two million."""
MOST_BOXES: Final = 64
_BY_PROFILE: Final = (2, 3)
"""Methods of a colour box: restricted to matrices and curves, or any profile (ISO/IEC 15444-1, I.5.3.3; 15444-2, M.11.7.3)."""


def jp2_profile(file: BinaryIO) -> bytes | None:
    """None where there is none, for colours that are only named or a bare stream of pixels. Leaves the file where it was."""
    before = file.tell()
    try:
        for kind, start, end in _boxes(file, 0, 1 << 62):
            if kind == b"jp2h":
                return _within(file, start, end)
            if kind == b"jp2c":
                break
    finally:
        file.seek(before)
    return None


def _within(file: BinaryIO, start: int, end: int) -> bytes | None:
    for kind, at, until in _boxes(file, start, end):
        if kind == b"colr" and 3 < until - at < LARGEST:
            file.seek(at)
            told = file.read(until - at)
            if told[:1] and told[0] in _BY_PROFILE:
                return told[3:]
    return None


def _boxes(file: BinaryIO, at: int, until: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of what each holds (ISO/IEC 15444-1, I.4)."""
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if at + 8 > until or len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        start = at + 8
        if length == 1 and len(head) == 16:
            start, (length,) = at + 16, struct.unpack_from(">Q", head, 8)
        end = min(at + length, until) if length else until
        if end <= start:
            return
        yield kind, start, end
        at = end

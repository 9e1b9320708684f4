"""Colours that a file of boxes tells of and Pillow leaves unread: a JPEG 2000's profile, the named primaries of HEIF and AVIF."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from watermark.steps.named_primaries import profile_of

LARGEST: Final = 8 << 20
"""Bytes of a profile: those of printers, the largest, have some two million."""
MOST_BOXES: Final = 256
_BY_PROFILE: Final = (2, 3)
"""Methods of a colour box: restricted to matrices and curves, or any profile (ISO/IEC 15444-1, I.5.3.3; 15444-2, M.11.7.3)."""
_SRGB_CURVE: Final = (1, 2, 13)
"""Transfer characteristics (ITU-T H.273, table 3) that screens show with the curve of sRGB: BT.709's, unsaid, sRGB's own."""


def jp2_profile(file: BinaryIO) -> bytes | None:
    """None for colours that are only named, or a bare stream of pixels. Leaves the file where it was."""
    for told in _colours(file, (b"jp2h",), 0):
        if told[:1] and told[0] in _BY_PROFILE:
            return told[3:]
    return None


def heif_profile(file: BinaryIO) -> bytes | None:
    """A profile made for primaries wider than sRGB's, where the file says that its colours have them. Leaves the file where it was."""
    for told in _colours(file, (b"meta", b"iprp", b"ipco"), 4):
        if told[:4] == b"nclx" and len(told) >= 10:
            primaries, transfer = struct.unpack_from(">HH", told, 4)
            return profile_of(primaries) if transfer in _SRGB_CURVE else None
    return None


def _colours(file: BinaryIO, path: tuple[bytes, ...], skip: int) -> list[bytes]:
    """What the colour boxes at the end of that path hold; the first box on it has `skip` bytes before those within."""
    before = file.tell()
    found: list[bytes] = []
    start, end = 0, 1 << 62
    try:
        for kind in path:
            place = next(((at, until) for name, at, until in _boxes(file, start, end) if name == kind), None)
            if place is None:
                return []
            start, end = place[0] + skip, place[1]
            skip = 0
        for name, at, until in _boxes(file, start, end):
            if name == b"colr" and until - at < LARGEST:
                file.seek(at)
                found.append(file.read(until - at))
    finally:
        file.seek(before)
    return found


def _boxes(file: BinaryIO, at: int, until: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of what each holds (ISO/IEC 15444-1, I.4; 14496-12, 4.2)."""
    for _ in range(MOST_BOXES):
        if at + 8 > until:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        start = at + 8
        if length == 1 and len(head) == 16:
            start, (length,) = at + 16, struct.unpack_from(">Q", head, 8)
        end = min(at + length, until) if length else until
        if end < start:
            return
        yield kind, start, end
        at = end

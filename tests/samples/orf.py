"""An ORF put together by hand: Olympus's TIFF, whose second word is "RO", with the sensor's mosaic in its first directory.

The camera's JPEG stands where a directory in the maker's note points to, as exiftool.org/TagNames/Olympus.html lists it. Twelve bits a cell,
packed into words of four bytes, the first cell highest. No camera took it.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from tests.samples.raw import Entry, directory

NOTE = b"OLYMPUS\0II\3\0"
"""Places in the note count from its first byte."""


def orf(cells: npt.NDArray[np.uint16], preview: bytes) -> bytes:
    """``cells``: red, green, green, blue in each square of four, of 12 bits."""
    height, width = cells.shape
    packed = _packed(cells)
    at = [0, 0, 0]
    for _ in range(2):  # lengths don't hang on the places: once to measure, once for good
        first: list[Entry] = [(256, 4, (width,)), (257, 4, (height,)), (258, 3, (12,)), (259, 3, (1,)), (262, 3, (1,)),
                              (271, 2, b"OLYMPUS IMAGING CORP.  \0"), (272, 2, b"Drawn\0"), (273, 4, (at[1],)),
                              (274, 3, (1,)), (277, 3, (1,)), (278, 4, (height,)), (279, 4, (len(packed),)),
                              (0x8769, 4, (at[0],))]  # fmt: skip
        head = directory(first, 8)
        note = _note(len(preview), at[2])
        exif = directory([(0x927C, 7, note)], 8 + len(head))
        start = 8 + len(head) + len(exif)
        at = [8 + len(head), start + len(preview), start - (8 + len(head) + len(exif) - len(note))]
    return b"IIRO" + struct.pack("<I", 8) + head + exif + preview + packed


def _note(length: int, at: int) -> bytes:
    pattern: list[Entry] = [(0x101, 4, (at,)), (0x102, 4, (length,))]
    top = len(NOTE) + 2 + 12 + 4
    return NOTE + directory([(0x2020, 13, (top,))], len(NOTE)) + directory(pattern, top)


def _packed(cells: npt.NDArray[np.uint16]) -> bytes:
    pairs = cells.astype(np.uint32).reshape(-1, 2)
    three = np.stack([pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], axis=1)
    return np.frombuffer(three.astype(np.uint8).tobytes(), ">u4").astype("<u4").tobytes()

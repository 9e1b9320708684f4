"""An RW2 put together by hand: Panasonic's TIFF ("IIU"), its own tags for the sensor, and the camera's JPEG in one of them.

The tags are those of exiftool.org/TagNames/PanasonicRaw.html; how fourteen cells are packed into sixteen bytes, and the pages of 16 KiB that
are stored turned round, is as LibRaw reads it. No camera took it.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from tests.samples.raw import Entry, directory

CELLS, PAGE, TURN = 14, 0x4000, 0x2008


def rw2(cells: npt.NDArray[np.uint16], preview: bytes) -> bytes:
    """``cells``: red, green, green, blue in each square of four, of 12 bits. The sensor is a little wider, as theirs are."""
    height, width = cells.shape
    full = np.zeros((height, -(-width // CELLS) * CELLS), np.uint16) + 16
    full[:, :width] = np.maximum(cells, 16)  # a cell of nothing stands for a dead one
    packed = _packed(full)
    start = 0
    for _ in range(2):  # lengths don't hang on the places: once to measure, once for good
        first: list[Entry] = [(1, 7, b"0310"), (2, 3, (full.shape[1],)), (3, 3, (height,)), (4, 3, (0,)), (5, 3, (0,)),
                              (6, 3, (height,)), (7, 3, (width,)), (8, 3, (1,)), (9, 3, (1,)), (10, 3, (12,)),
                              (11, 3, (34316,)), (0x24, 3, (256,)), (0x25, 3, (256,)), (0x26, 3, (256,)), (0x2D, 3, (4,)), (0x2E, 7, preview), (271, 2, b"Panasonic\0"),
                              (272, 2, b"Drawn\0"), (273, 4, (0xFFFFFFFF,)), (274, 3, (1,)), (278, 4, (height,)),
                              (279, 4, (0,)), (280, 4, (start,))]  # fmt: skip
        head = directory(first, 8)
        start = 8 + len(head)
    return b"IIU\0" + struct.pack("<I", 8) + head + packed


def _packed(cells: npt.NDArray[np.uint16]) -> bytes:
    blocks = b"".join(_block(block) for block in cells.reshape(-1, CELLS).tolist())
    blocks += bytes(-len(blocks) % PAGE)
    pages = (blocks[at : at + PAGE] for at in range(0, len(blocks), PAGE))
    return b"".join(page[TURN:] + page[:TURN] for page in pages)


def _block(cells: list[int]) -> bytes:
    """The first two as they are, then each told from the last of its colour, three at a time with steps as large as they need."""
    bits = [(cells[0], 12), (cells[1], 12)]
    before = cells[:2]
    for start in range(2, CELLS, 3):
        three = cells[start : start + 3]
        told, before = next(found for code in (0, 1, 2, 3) if (found := _told(three, start, before, code)) is not None)
        bits += told
    whole = 0
    for value, length in bits:
        whole = whole << length | value
    return whole.to_bytes(16, "little")


def _told(cells: list[int], start: int, before: list[int], code: int) -> tuple[list[tuple[int, int]], list[int]] | None:
    """The bits of three cells and what they then are; None if their steps are larger than this code's."""
    shift, now = (0, 1, 2, 4)[code], list(before)
    bits = [(code, 2)]
    for at, cell in enumerate(cells, start):
        base = now[at % 2] - (128 << shift)
        base = base & ((1 << shift) - 1) if base < 0 or shift == 4 else base
        step = (cell - base) >> shift
        if not 0 < step < 256:
            if code < 3:
                return None
            step = max(1, min(255, step))
        now[at % 2] = base + (step << shift)
        bits.append((step, 8))
    return bits, now

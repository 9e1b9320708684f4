"""A CR3 put together by hand: Canon's boxes (ISO/IEC 14496-12) round the camera's JPEGs and a sensor's mosaic as a lossless crx stream.

Nobody but Canon describes the format whole; the names of the boxes, the fields that readers use and the way the stream is coded are as the
people found them who read it: github.com/lclevy/canon_cr3, and LibRaw's and RawSpeed's readers. No camera took it, and the model is called
"Drawn". Of the stream only what is needed: four planes of one tile each, no wavelet, no runs.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.samples.raw import Entry, directory, size_of

CANON: Final = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
PREVIEW: Final = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
BITS: Final = 14
LONGEST_ZEROS: Final = 41
"""So many zeros say that the number stands behind them as it is, in so many bits:"""
PLAIN_BITS: Final = 21
STEEPEST: Final = 15


def cr3(cells: npt.NDArray[np.uint16], small: bytes, preview: bytes) -> bytes:
    """``cells``: red, green, green, blue in each square of four, of 14 bits. ``small`` and ``preview`` are JPEGs: the index picture's, and
    the camera's own rendering, in the two places where Canon keeps it."""
    sensor = stream(cells)
    kind = box(b"ftyp", b"crx \0\0\0\1crx isom")
    shown = _preview(preview)
    start = 0
    for _ in range(2):  # lengths don't hang on the places: once to measure, once for good
        top = _movie(cells.shape, small, preview, sensor, start)
        start = len(kind) + len(top) + len(shown) + 8
    return kind + top + shown + box(b"mdat", preview + sensor)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, *parts: bytes) -> bytes:
    return box(kind, bytes(4), *parts)


def _movie(shape: tuple[int, ...], small: bytes, preview: bytes, sensor: bytes, start: int) -> bytes:
    height, width = shape
    maker: list[Entry] = [
        (256, 4, (width,)),
        (257, 4, (height,)),
        (271, 2, b"Canon\0"),
        (272, 2, b"Drawn\0"),
        (274, 3, (1,)),
    ]
    settings: list[Entry] = [(0x9000, 2, b"0231")]
    wide, high = size_of(small)
    told = box(
        b"uuid",
        CANON,
        box(b"CNCV", b"CanonCR3_001/00.09.00/00.00.00"),
        *(
            box(name, _tiff(entries))
            for name, entries in ((b"CMT1", maker), (b"CMT2", settings), (b"CMT4", [(0, 1, (2, 3, 0, 0))]))
        ),
        box(b"THMB", bytes(4), struct.pack(">HHI", wide, high, len(small)), b"\0\1\0\0", small),
    )
    frame = size_of(preview)
    clock = struct.pack(">IIII", 0, 0, 1, 1)
    return box(
        b"moov",
        told,
        _full(b"mvhd", clock, bytes(80)),
        _track(frame, box(b"JPEG", bytes(4)), len(preview), start),
        _track((width, height), _coding(width, height), len(sensor), start + len(preview)),
    )


def _tiff(entries: list[Entry]) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + directory(entries, 8)


def _preview(jpeg: bytes) -> bytes:
    told = struct.pack(">IHHHHI", 0, 1, *size_of(jpeg), 1, len(jpeg))
    return box(b"uuid", PREVIEW, struct.pack(">II", 0, 1), box(b"PRVW", told, jpeg))


def _track(size: tuple[int, int], coding: bytes, length: int, at: int) -> bytes:
    """One picture. What describes it is a visual sample entry (ISO/IEC 14496-12, 12.1.3) and four bytes of Canon's own."""
    described = box(b"CRAW", bytes(24), struct.pack(">HH", *size), bytes(54), coding)
    table = box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), described),
        _full(b"stts", struct.pack(">III", 1, 1, 1)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(">II", length, 1)),
        _full(b"co64", struct.pack(">IQ", 1, at)),
    )
    media = box(b"mdia", _full(b"mdhd", bytes(20)), _full(b"hdlr", bytes(4), b"vide", bytes(13)), box(b"minf", table))
    return box(b"trak", _full(b"tkhd", bytes(80)), media)


def _coding(width: int, height: int) -> bytes:
    """Version 1, one tile, four planes that begin with red, no transform, no levels of wavelets."""
    told = struct.pack(">HHHHIIII", 0xFFFF, 48, 0x100, 0, width, height, width, height)
    return box(b"CMP1", told + bytes([BITS, 4 << 4, 0, 0]) + struct.pack(">I", 12 + 4 * 24) + bytes(24))


def stream(cells: npt.NDArray[np.uint16]) -> bytes:
    """Headers of the tile, and of each plane and its one band; then the planes."""
    planes = [
        plane(cells[row::2, column::2].astype(np.int64) - (1 << (BITS - 1))) for row in (0, 1) for column in (0, 1)
    ]
    heads = b""
    for number, coded in enumerate(planes):
        heads += struct.pack(">HHIBBBB", 0xFF02, 8, len(coded), number << 4 | 8, 0, 0, 0)
        heads += struct.pack(">HHII", 0xFF03, 8, len(coded), 0)
    whole = sum(len(coded) for coded in planes)
    return struct.pack(">HHIHH", 0xFF01, 8, whole, 0, 0) + heads + b"".join(planes)


def plane(values: npt.NDArray[np.int64]) -> bytes:
    """Each number told from its neighbours by the median of them (as in ITU-T T.87, A.4.2), the rest in Rice's code whose step follows
    what came before. Where the neighbours are alike a run may stand; a 0 says that none does."""
    bits: list[str] = []
    step, width = 0, values.shape[1]
    above = [0] * (width + 2)
    for number, line in enumerate(values.tolist()):
        now = [above[1] if number else 0]
        for at, value in enumerate(line):
            left, corner, top, right = now[at], above[at], above[at + 1], above[at + 2]
            last = at == width - 1
            if number == 0:
                alike, guess = left == 0 and not last, left
            else:
                alike = left == top == right and not last
                guess = top if alike else _median(left, top, corner)
            off = value - guess
            code = 2 * off if off >= 0 else -2 * off - 1
            bits.append(("0" if alike else "") + _rice(code, step))
            weighed = code if number == 0 or last else (code + 2 * abs(right - top)) >> 1
            step = min(STEEPEST, step - (weighed < (1 << step >> 1)) + (weighed >> step > 2) + (weighed >> step > 5))
            now.append(value)
        above = [*now, now[-1] + 1]
    whole = "".join(bits)
    whole += "0" * (-len(whole) % 32)
    return int(whole, 2).to_bytes(len(whole) // 8, "big")


def _median(left: int, top: int, corner: int) -> int:
    if corner >= max(left, top):
        return min(left, top)
    return max(left, top) if corner <= min(left, top) else left + top - corner


def _rice(code: int, step: int) -> str:
    zeros = code >> step
    if zeros >= LONGEST_ZEROS:
        return "0" * LONGEST_ZEROS + f"1{code:0{PLAIN_BITS}b}"
    return "0" * zeros + "1" + (f"{code & ((1 << step) - 1):0{step}b}" if step else "")

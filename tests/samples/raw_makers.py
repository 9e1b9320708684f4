"""Raw files as nine makers lay them out, put together by hand: no camera took them, and the model is called "Drawn".

NEF, ARW, PEF, SRW and ERF are TIFF/EP (ISO 12234-2) with the maker's name and its way to keep bits. CR2 has its sensor's data as a
lossless JPEG (ITU-T T.81, process 14) in a directory that the header points to; RAF has a header and a table of its own. CR3, ORF and
RW2 have a file of their own each, beside this one.
A model that LibRaw does not know is developed without a colour matrix, so the scene comes back nearly as drawn.
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.samples.cr3 import cr3
from tests.samples.orf import orf
from tests.samples.raw import Entry, directory, mosaic, reduced, size_of, tiff
from tests.samples.rw2 import rw2
from tests.samples.scene import Sample, saved, scene

WIDTH, HEIGHT, BITS = 480, 320, 14
MODEL = b"Drawn\0"
TIFF_MAKERS = {
    "NEF": ("image/x-nikon-nef", b"NIKON CORPORATION\0", 1),
    "ARW": ("image/x-sony-arw", b"SONY\0", 32767),
    "PEF": ("image/x-pentax-pef", b"PENTAX\0", 1),
    "SRW": ("image/x-samsung-srw", b"SAMSUNG\0", 1),
    "ERF": ("image/x-raw", b"EPSON\0", 1),
}
"""Media type, maker, TIFF compression."""


@cache
def by_makers() -> list[Sample]:
    """One of each, with a small JPEG, so that they are developed; where a maker keeps its JPEG in a place of its own, also by a large one,
    which has red and blue exchanged to be told apart."""
    small = saved(Image.fromarray(scene(240, 160)), "JPEG", quality=90)
    exchanged = np.ascontiguousarray(scene()[:, :, ::-1])
    large = saved(Image.fromarray(exchanged), "JPEG", quality=92)
    found = []
    for kind, (media_type, _, _) in TIFF_MAKERS.items():
        found.append(Sample(kind, f"a.{kind.lower()}", of_maker(kind, small), media_type, scene(), 0.93))
    found += [
        Sample("CR2", "a.cr2", cr2(small), "image/x-canon-cr2", scene(), 0.93),
        Sample("RAF", "a.raf", raf(small), "image/x-fuji-raf", scene(), 0.93),
        Sample("NEF", "with-jpeg.nef", of_maker("NEF", large), "image/x-nikon-nef", exchanged, 0.95),
        Sample("CR2", "with-jpeg.cr2", cr2(large), "image/x-canon-cr2", exchanged, 0.95),
    ]
    for ending, (media_type, make) in APART.items():
        found.append(Sample(ending.upper(), f"a.{ending}", make(small), media_type, scene(), 0.93))
        found.append(Sample(ending.upper(), f"with-jpeg.{ending}", make(large), media_type, exchanged, 0.95))
    return found


def of_maker(kind: str, preview: bytes) -> bytes:
    """A TIFF/EP: the preview first, the sensor's data in a directory below it."""
    _, maker, compression = TIFF_MAKERS[kind]
    cells = _cells().tobytes()
    first: list[Entry] = [(254, 4, (1,)), (271, 2, maker), (272, 2, MODEL), (274, 3, (1,))]
    first += reduced(*size_of(preview), len(preview), 7)
    sensor: list[Entry] = [(254, 4, (0,)), (256, 4, (WIDTH,)), (257, 4, (HEIGHT,)), (258, 3, (BITS,)),
                           (259, 3, (compression,)), (262, 3, (32803,)), (273, 4, (0,)), (277, 3, (1,)),
                           (278, 4, (HEIGHT,)), (279, 4, (len(cells),)), (33421, 3, (2, 2)), (33422, 1, (0, 1, 1, 2))]  # fmt: skip
    return tiff(first, sensor, preview, cells)


def cr2(preview: bytes) -> bytes:
    """Two directories in a chain, the second also named by the header."""
    stored = lossless_jpeg(_cells().reshape(HEIGHT, WIDTH))
    first = [entry for entry in reduced(*size_of(preview), len(preview), 6) if entry[0] not in (262, 277)]
    first += [(271, 2, b"Canon\0"), (272, 2, MODEL), (274, 3, (1,))]
    sensor: list[Entry] = [(259, 3, (6,)), (273, 4, (0,)), (279, 4, (len(stored),)), (50752, 3, (0, 0, WIDTH // 2))]
    start = 0
    for _ in range(2):  # lengths don't hang on the places: once to measure, once for good
        at = {len(preview): start, len(stored): start + len(preview)}
        head = bytearray(directory([(273, 4, (at[len(preview)],)) if e[0] == 273 else e for e in first], 16))
        inner = directory([(273, 4, (at[len(stored)],)) if e[0] == 273 else e for e in sensor], 16 + len(head))
        start = 16 + len(head) + len(inner)
    (count,) = struct.unpack_from("<H", head)
    second = 16 + len(head)
    struct.pack_into("<I", head, 2 + 12 * count, second)
    return (
        b"II*\0"
        + struct.pack("<I", 16)
        + b"CR\2\0"
        + struct.pack("<I", second)
        + bytes(head)
        + inner
        + preview
        + stored
    )


def raf(preview: bytes) -> bytes:
    """Header, JPEG, a table of sizes, and the sensor's data behind a small TIFF of its own."""
    cells, at_cells = _cells().tobytes(), 2048
    sizes = struct.pack(">HH", HEIGHT, WIDTH)
    table = struct.pack(">I", 2) + b"".join(struct.pack(">HH", tag, 4) + sizes for tag in (0x100, 0x121))
    below: list[Entry] = [(0xF001, 4, (WIDTH,)), (0xF002, 4, (HEIGHT,)), (0xF003, 4, (BITS,)),
                          (0xF007, 4, (at_cells,)), (0xF008, 4, (len(cells),))]  # fmt: skip
    length = len(directory([(0xF000, 4, (0,))], 8))
    top = b"II*\0" + struct.pack("<I", 8) + directory([(0xF000, 4, (8 + length,))], 8) + directory(below, 8 + length)
    kept = top.ljust(at_cells, b"\0") + cells
    start = 160
    places = (start, len(preview), start + len(preview), len(table), start + len(preview) + len(table), len(kept))
    head = b"FUJIFILMCCD-RAW 0201FF000000" + MODEL.ljust(32, b"\0") + b"0100"
    return (head.ljust(84, b"\0") + struct.pack(">6I", *places)).ljust(start, b"\0") + preview + table + kept


def lossless_jpeg(cells: npt.NDArray[np.uint16]) -> bytes:
    """Two components side by side, each sample told by its left neighbour (T.81, annex H, predictor 1)."""
    height, width = cells.shape
    pairs = cells.astype(np.int64).reshape(height, width // 2, 2)
    left = np.empty_like(pairs)
    left[:, 1:], left[1:, 0], left[0, 0] = pairs[:, :-1], pairs[:-1, 0], 1 << (BITS - 1)
    words = [f"{number:04b}" for number in range(14)] + ["11100", "11101"]  # a code for each length, 0 to 15
    written = []
    for off in (pairs - left).reshape(-1).tolist():
        length = abs(off).bit_length()
        written.append(words[length] + (f"{off if off >= 0 else off + (1 << length) - 1:0{length}b}" if length else ""))
    bits = "".join(written)
    bits += "1" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    codes = bytes([0, 0, 0, 14, 2]).ljust(16, b"\0") + bytes(range(16))
    frame = struct.pack(">HBHHB", 14, BITS, height, width // 2, 2) + bytes([1, 0x11, 0, 2, 0x11, 0])
    scan = struct.pack(">HB", 10, 2) + bytes([1, 0, 2, 0, 1, 0, 0])
    head = b"\xff\xd8\xff\xc4" + struct.pack(">HB", 3 + len(codes), 0) + codes
    return head + b"\xff\xc3" + frame + b"\xff\xda" + scan + body + b"\xff\xd9"


def _cells(bits: int = BITS) -> npt.NDArray[np.uint16]:
    return np.asarray(np.frombuffer(mosaic(WIDTH, HEIGHT), "<u2") >> (16 - bits), "<u2")


def _index_picture() -> bytes:
    return saved(Image.fromarray(scene(160, 120)), "JPEG", quality=85)


@cache
def _sensor(bits: int) -> npt.NDArray[np.uint16]:
    return _cells(bits).reshape(HEIGHT, WIDTH)


APART = {
    "cr3": ("image/x-canon-cr3", lambda jpeg: cr3(_sensor(14), _index_picture(), jpeg)),
    "orf": ("image/x-olympus-orf", lambda jpeg: orf(_sensor(12), jpeg)),
    "rw2": ("image/x-panasonic-rw2", lambda jpeg: rw2(_sensor(12), jpeg)),
}
"""Media type, and how to make one with that JPEG."""

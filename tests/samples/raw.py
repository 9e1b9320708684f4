"""A DNG put together by hand (Adobe DNG 1.4 over TIFF 6.0): a sensor's mosaic of the drawn scene, and the camera's JPEG."""

from __future__ import annotations

import struct

import numpy as np

from tests.samples.scene import saved, scene

Entry = tuple[int, int, tuple[int, ...] | bytes]
"""Tag, TIFF type (1 byte, 2 text, 3 short, 4 long, 5 rational, 7 any bytes, 10 signed rational, 13 directory), values."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8, 13: 4}
_FORMATS = {1: "B", 3: "H", 4: "I", 5: "I", 10: "i", 13: "I"}
# XYZ (D65) to linear sRGB, IEC 61966-2-1: a camera that sees as a screen shows, so that the scene comes back as drawn.
_MATRIX = (32406, -15372, -4986, -9689, 18758, 415, 557, -2040, 10570)


def dng(
    width: int = 480, height: int = 320, preview: bytes = b"", orientation: int = 1, make: bytes = b"Tillpaid"
) -> bytes:
    """The file. ``preview`` is a JPEG kept as the reduced picture; ``orientation`` is TIFF tag 274."""
    cells = mosaic(width, height)
    first: list[Entry] = [
        (254, 4, (1,)),
        (271, 2, make + b"\0"),
        (272, 2, b"Drawn\0"),
        (274, 3, (orientation,)),
        (50706, 1, (1, 4, 0, 0)),
        (50708, 2, b"Tillpaid Drawn\0"),
        (50721, 10, tuple(part for value in _MATRIX for part in (value, 10000))),
        (50728, 5, (1, 1, 1, 1, 1, 1)),
        (50778, 3, (21,)),
    ]
    if preview:
        first += reduced(*size_of(preview), len(preview), 7)
    sensor: list[Entry] = [
        (254, 4, (0,)),
        (256, 4, (width,)),
        (257, 4, (height,)),
        (258, 3, (16,)),
        (259, 3, (1,)),
        (262, 3, (32803,)),
        (273, 4, (0,)),
        (277, 3, (1,)),
        (278, 4, (height,)),
        (279, 4, (len(cells),)),
        (33421, 3, (2, 2)),
        (33422, 1, (0, 1, 1, 2)),
        (50714, 3, (0,)),
        (50717, 3, (65535,)),
    ]
    return tiff(first, sensor, preview, cells)


def reduced(width: int, height: int, length: int, compression: int) -> list[Entry]:
    """The entries of a JPEG kept beside the sensor's data; its place is put in later."""
    return [(256, 4, (width,)), (257, 4, (height,)), (258, 3, (8, 8, 8)), (259, 3, (compression,)), (262, 3, (6,)),
            (273, 4, (0,)), (277, 3, (3,)), (278, 4, (height,)), (279, 4, (length,))]  # fmt: skip


def large_dng(orientation: int = 1) -> bytes:
    """With a JPEG as large as the sensor, that differs from it: its red and blue are exchanged."""
    from PIL import Image

    drawn = Image.fromarray(np.ascontiguousarray(scene()[:, :, ::-1]))
    return dng(preview=saved(drawn, "JPEG", quality=92), orientation=orientation)


def mosaic(width: int, height: int) -> bytes:
    """Red, green, green, blue in each square of four, linear light, sixteen bits."""
    shown = scene(width, height).astype(np.float64) / 255
    light = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    cells = np.empty((height, width))
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        cells[row::2, column::2] = light[row::2, column::2, channel]
    return np.rint(cells * 65535).astype("<u2").tobytes()


def size_of(jpeg: bytes) -> tuple[int, int]:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(jpeg)) as picture:
        return picture.size


def tiff(first: list[Entry], sensor: list[Entry], preview: bytes, stored: bytes) -> bytes:
    """Header, first directory, the sensor's as its child, then the two pictures."""
    places: tuple[int, int, int] = (0, 0, 0)
    for _ in range(2):  # lengths don't hang on the places: once to measure, once for good
        below, shown, kept = places
        whole = [*first, (330, 4, (below,))]
        head = directory([_placed(entry, shown) for entry in whole], 8)
        inner = directory([_placed(entry, kept) for entry in sensor], 8 + len(head))
        start = 8 + len(head) + len(inner)
        places = (8 + len(head), start, start + len(preview))
    return b"II*\0" + struct.pack("<I", 8) + head + inner + preview + stored


def _placed(entry: Entry, at: int) -> Entry:
    return (273, 4, (at,)) if entry[0] == 273 else entry


def directory(entries: list[Entry], at: int) -> bytes:
    entries = sorted(entries)
    table, beyond = struct.pack("<H", len(entries)), b""
    spill = at + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        packed = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{_FORMATS[kind]}", *values)
        table += struct.pack("<HHI", tag, kind, len(packed) // _SIZES[kind])
        if len(packed) <= 4:
            table += packed.ljust(4, b"\0")
        else:
            table += struct.pack("<I", spill + len(beyond))
            beyond += packed + b"\0" * (len(packed) % 2)
    return table + bytes(4) + beyond

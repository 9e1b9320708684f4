"""A profile (ICC.1:2010) for colours whose primaries are only named, with the curve of sRGB."""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

PRIMARIES: Final = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # P3
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""By their number in ITU-T H.273, table 2; those of sRGB need no profile. Eleven's own white is the cinema's: shown on D65 as the twelfth."""
D65: Final = (0.3127, 0.3290)
D50: Final = (0.9642, 1.0, 0.8249)
"""The white to which profiles refer (ICC.1:2010, 7.2.16)."""
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@cache
def profile_of(primaries: int) -> bytes | None:
    """None for those of sRGB, and for any that are not known."""
    if primaries not in PRIMARIES:
        return None
    colours = _on_d50(PRIMARIES[primaries])
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*_CURVE)
    parts = {b"desc": _words("Primaries named by the file"), b"cprt": _words("none"), b"wtpt": _xyz(D50)}
    parts |= {name + b"XYZ": _xyz(colour) for name, colour in zip((b"r", b"g", b"b"), colours.T.tolist(), strict=True)}
    parts |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, body = 128 + 4 + 12 * len(parts), struct.pack(">I", len(parts)), b""
    for name, content in parts.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = (
        struct.pack(">I4sI", at + len(body), bytes(4), 0x04200000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    )
    return (head + _fixed(*D50)).ljust(128, b"\0") + table + body


def _on_d50(primaries: tuple[tuple[float, float], ...]) -> npt.NDArray[np.float64]:
    """Columns of red, green and blue in XYZ, their sum D50's white (Lindbloom: brucelindbloom.com, RGB/XYZ matrices)."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]).T
    white = np.array([D65[0] / D65[1], 1.0, (1 - sum(D65)) / D65[1]])
    light = columns * np.linalg.solve(columns, white)
    cones = (_BRADFORD @ np.array(D50)) / (_BRADFORD @ white)
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ light)


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _xyz(values: tuple[float, ...] | list[float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*values)


def _words(text: str) -> bytes:
    coded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(coded), 28) + coded

"""Keyed chance: numbers that only the holder of the asset's key can foretell, the same on every machine."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from watermark.visible.pixels import Floats


class Chance:
    """Independent streams of numbers, one a label, from one key, page and purpose.

    SHAKE-256 is used rather than a library's generator because its bytes are fixed by a standard (FIPS 202): a mark is
    drawn alike after an upgrade.
    """

    def __init__(self, key: bytes, page: int, purpose: bytes) -> None:
        outer = hashlib.blake2b(key, digest_size=32, person=b"tillpaid visible").digest()
        self._seed = hashlib.blake2b(page.to_bytes(8, "big", signed=True) + purpose, key=outer, digest_size=32).digest()

    def floats(self, label: str, *shape: int) -> Floats:
        """Uniform in [-1, 1)."""
        count = int(np.prod(shape)) if shape else 1
        block = hashlib.shake_256(self._seed + label.encode()).digest(4 * count)
        numbers = np.frombuffer(block, ">u4").astype(np.float64) / 2**31 - 1
        return numbers.astype(np.float32).reshape(shape or (1,))

    def between(self, label: str, low: float, high: float) -> float:
        """One number in [low, high)."""
        return low + (high - low) * (float(self.floats(label)[0]) + 1) / 2

    def pick(self, label: str, options: list[Any]) -> Any:
        """One of the options."""
        return options[min(int(self.between(label, 0, len(options))), len(options) - 1)]

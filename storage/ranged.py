"""A part of an object as a file of its own: what every kind of store's reader does alike."""

from __future__ import annotations

import io
from abc import abstractmethod


class Ranged(io.RawIOBase):
    """A seekable, read-only view of ``length`` bytes. Who inherits says only how the next of them are had."""

    def __init__(self, length: int) -> None:
        self.length, self._at = length, 0

    @abstractmethod
    def _some(self, want: int) -> bytes:
        """At least one byte and at most ``want`` from ``_at``; raises Unavailable when there are none."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self.length - self._at)
        want = left if size is None or size < 0 else min(size, left)
        pieces = []
        while want:
            piece = self._some(want)
            self._at += len(piece)
            want -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # the stub's Buffer is 3.12
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.length}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

"""The operating system's part: its errors in our words, folders made durable, ranges of open files."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.blobstore import NoSpace, StorageError, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MOST_AT_ONCE = 1 << 30


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """OSError as NoSpace or Unavailable; ``doing`` begins the message."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        kind = NoSpace if error.errno in _FULL else Unavailable
        raise kind(f"{doing}: {error.strerror or error}") from error


def fsync_folder(folder: Path) -> None:
    """Puts the names in ``folder`` on the disk; an fsync of a file alone does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RangeReader(io.RawIOBase):
    """Bytes ``start`` to ``stop`` of an open file as a file of its own. Owns the descriptor."""

    def __init__(self, descriptor: int, start: int, stop: int) -> None:
        self._descriptor, self._start = descriptor, start
        self._length, self._at = max(0, stop - start), 0

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._length - self._at)
        want = left if size is None or size < 0 else min(size, left)
        pieces = []
        while want:
            with translated("reading"):
                piece = os.pread(self._descriptor, min(want, _MOST_AT_ONCE), self._start + self._at)
            if not piece:  # objects never shrink: the disk has lost something
                raise Unavailable("an object ended early")
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
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
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

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()

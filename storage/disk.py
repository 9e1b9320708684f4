"""The operating system's part: its errors in our words, folders made durable, ranges of open files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.blobstore import NoSpace, StorageError, Unavailable
from storage.ranged import Ranged

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


class RangeReader(Ranged):
    """Bytes ``start`` to ``stop`` of an open file as a file of its own. Owns the descriptor."""

    def __init__(self, descriptor: int, start: int, stop: int) -> None:
        super().__init__(max(0, stop - start))
        self._descriptor, self._start = descriptor, start

    def _some(self, want: int) -> bytes:
        with translated("reading"):
            piece = os.pread(self._descriptor, min(want, _MOST_AT_ONCE), self._start + self._at)
        if not piece:  # objects never shrink: the disk has lost something
            raise Unavailable("an object ended early")
        return piece

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()

"""Counts writes, wherever they are made, and says which one is to fail."""

from __future__ import annotations

import errno
import threading


class Writes:
    """The write whose number is ``fail_at`` fails with ``error``, once."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fail_at, self.error = -1, errno.EIO
        self._guard = threading.Lock()

    def begin(self, fail_at: int, error: int) -> None:
        with self._guard:
            self.seen, self.fail_at, self.error = [], fail_at, error

    def fails(self, name: str) -> bool:
        """To be asked before each write: whether it is to fail."""
        with self._guard:
            self.seen.append(name)
            return len(self.seen) - 1 == self.fail_at

    @property
    def failed(self) -> str:
        """Which one did; empty: there were fewer."""
        return self.seen[self.fail_at] if 0 <= self.fail_at < len(self.seen) else ""

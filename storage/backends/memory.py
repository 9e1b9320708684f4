"""``memory:``: a store that forgets everything when the process ends. For tests and trials only."""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO, Self

from storage.blobstore import (
    AlreadyExists,
    BadAddress,
    NotFound,
    Stat,
    Stored,
    check_key,
    check_prefix,
    put_through,
)
from storage.memory_partials import MemoryPartials


class NotDurable(UserWarning):
    """The store in use loses everything when the process ends."""


def open_backend(url: str) -> MemoryStore:
    """A new, empty store; the address must be ``memory:`` and nothing more."""
    if url != "memory:":
        raise BadAddress(f"a store in memory has no place: write memory: instead of {url!r}")
    return MemoryStore()


class MemoryStore(MemoryPartials):
    """A dictionary with the manners of a store. Warns on creation."""

    def __init__(self) -> None:
        warnings.warn("this store is in memory: all of it is lost when the process ends", NotDurable, stacklevel=2)
        super().__init__()
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[bytes, datetime]] = {}

    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        return put_through(self, key, stream, if_absent=if_absent)

    def begin(self) -> MemoryWriter:
        return MemoryWriter(self)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> io.BytesIO:
        data, _ = self._get(key)
        return io.BytesIO(data[max(0, start) : len(data) if stop is None else max(0, stop)])

    def stat(self, key: str) -> Stat:
        data, at = self._get(key)
        return Stat(key, len(data), at)

    def exists(self, key: str) -> bool:
        return check_key(key) in self._objects

    def delete(self, key: str) -> None:
        with self._lock:
            self._objects.pop(check_key(key), None)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        check_prefix(prefix)
        with self._lock:
            found = [(key, *kept) for key, kept in self._objects.items() if key.startswith(prefix)]
        return (Stat(key, len(data), at) for key, data, at in found)

    def keep(self, key: str, data: bytes, *, if_absent: bool) -> None:
        """For the writer."""
        with self._lock:
            if if_absent and key in self._objects:
                raise AlreadyExists(key)
            self._objects[key] = (data, datetime.now(UTC))

    def _get(self, key: str) -> tuple[bytes, datetime]:
        try:
            return self._objects[check_key(key)]
        except KeyError:
            raise NotFound(key) from None


class MemoryWriter:
    """Gathers the pieces."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._data: bytearray | None = bytearray()

    @property
    def so_far(self) -> Stored:
        data = self._open()
        return Stored(len(data), hashlib.sha256(data).hexdigest())

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        self._open().extend(data)
        return len(data)

    def commit(self, key: str, *, if_absent: bool = True) -> Stored:
        stored = self.so_far
        try:
            self._store.keep(check_key(key), bytes(self._open()), if_absent=if_absent)
        finally:
            self.abort()
        return stored

    def abort(self) -> None:
        self._data = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.abort()

    def _open(self) -> bytearray:
        if self._data is None:
            raise ValueError("this writer has ended")
        return self._data

"""Partials in memory: the shortest thing that keeps the contract of ``storage.resuming``."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from storage.blobstore import CHUNK, AlreadyExists, Busy, InvalidKey, NotFound, Stat, Torn, check_key
from storage.resuming import Progress


@dataclass
class Partial:
    """Bytes so far, and who may add to them."""

    data: bytearray = field(default_factory=bytearray)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    lock: threading.Lock = field(default_factory=threading.Lock)


class MemoryPartials:
    """The power ``Resumes`` for the store in memory."""

    def __init__(self) -> None:
        self._partials: dict[str, Partial] = {}

    def keep(self, key: str, data: bytes, *, if_absent: bool) -> None:
        """The store's own."""
        raise NotImplementedError

    def begin_partial(self, name: str, size: int) -> Progress:
        if size < 1:
            raise ValueError("a partial of no bytes")
        made = Partial()
        if self._partials.setdefault(_checked(name), made) is not made:
            raise AlreadyExists(name)
        return Progress(name, size)

    def resume(self, progress: Progress) -> MemoryPartialWriter:
        if progress.complete:
            raise ValueError("a complete partial takes no more bytes")
        return MemoryPartialWriter(self._partial_of(progress.name), progress)

    def open_partial(self, progress: Progress, start: int = 0, stop: int | None = None) -> io.BytesIO:
        data = self._complete(progress)
        return io.BytesIO(data[max(0, start) : len(data) if stop is None else max(0, stop)])

    def keep_partial(self, progress: Progress, key: str) -> None:
        self.keep(check_key(key), self._complete(progress), if_absent=True)

    def drop_partial(self, name: str) -> None:
        self._partials.pop(_checked(name), None)

    def partials(self) -> Iterator[Stat]:
        return (Stat(name, len(one.data), one.began_at) for name, one in list(self._partials.items()))

    def _partial_of(self, name: str) -> Partial:
        try:
            return self._partials[_checked(name)]
        except KeyError:
            raise NotFound(name) from None

    def _complete(self, progress: Progress) -> bytes:
        if not progress.complete:
            raise ValueError("a partial that is not complete")
        data = bytes(self._partial_of(progress.name).data)
        if len(data) != progress.size:
            raise Torn(progress.name)
        return data


class MemoryPartialWriter:
    """Appends to one partial, under its lock."""

    step = CHUNK

    def __init__(self, partial: Partial, progress: Progress) -> None:
        if not partial.lock.acquire(blocking=False):
            raise Busy(progress.name)
        self._partial: Partial | None = partial
        self._durable = progress
        if len(partial.data) < progress.offset:
            self.close()
            raise Torn(progress.name)
        del partial.data[progress.offset :]

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        bytes_so_far = self._open().data
        if len(bytes_so_far) + len(data) > self._durable.size:
            self.close()
            raise ValueError("more bytes than the partial was begun for")
        bytes_so_far.extend(data)
        return len(data)

    def flush(self) -> Progress:
        self._durable = replace(self._durable, offset=len(self._open().data))
        return self._durable

    def close(self) -> None:
        if self._partial is not None:
            self._partial.lock.release()
            self._partial = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _open(self) -> Partial:
        if self._partial is None:
            raise ValueError("this writer is closed")
        return self._partial


def _checked(name: str) -> str:
    if "/" in check_key(name):
        raise InvalidKey(f"not the name of a partial: {name!r}")
    return name

"""Partials as files: one file each in ``partial/``, locked by whoever writes to it.

What is beyond the offset that the caller kept is cut off before anything is added, so the file is always a beginning
of what was sent. The lock is the kernel's: it ends with its process, and lies beside the caller's lease.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.blobstore import AlreadyExists, Busy, InvalidKey, NotFound, Stat, Torn, check_key
from storage.disk import RangeReader, fsync_folder, translated
from storage.resuming import Progress

STEP = 32 * 1024 * 1024


class PartialFiles:
    """The power ``Resumes`` for a store of files. ``partial_folder`` is on the same file system as the objects."""

    partial_folder: Path

    def give_name(self, temporary: Path, key: str, *, if_absent: bool) -> None:
        """The store's own: makes a file that is on the disk visible under ``key``; FileExistsError when taken."""
        raise NotImplementedError

    def begin_partial(self, name: str, size: int) -> Progress:
        if size < 1:
            raise ValueError("a partial of no bytes")
        with translated("beginning a partial"):
            try:
                descriptor = os.open(self._at(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                raise AlreadyExists(name) from None
            os.close(descriptor)
            fsync_folder(self.partial_folder)
        return Progress(name, size)

    def resume(self, progress: Progress) -> PartialFileWriter:
        if progress.complete:
            raise ValueError("a complete partial takes no more bytes")
        return PartialFileWriter(self._open(progress.name, os.O_RDWR), progress)

    def open_partial(self, progress: Progress, start: int = 0, stop: int | None = None) -> RangeReader:
        descriptor = self._open_complete(progress)
        return RangeReader(descriptor, max(0, start), progress.size if stop is None else min(stop, progress.size))

    def keep_partial(self, progress: Progress, key: str) -> None:
        check_key(key)
        descriptor = self._open_complete(progress)
        try:
            with translated(f"keeping {key}"):
                os.fsync(descriptor)
                try:
                    self.give_name(self._at(progress.name), key, if_absent=True)
                except FileExistsError:
                    raise AlreadyExists(key) from None
        finally:
            os.close(descriptor)

    def drop_partial(self, name: str) -> None:
        with translated("dropping a partial"):
            self._at(name).unlink(missing_ok=True)

    def partials(self) -> Iterator[Stat]:
        with translated("listing partials"):
            for entry in os.scandir(self.partial_folder):
                with suppress(FileNotFoundError):  # dropped while we look
                    found = entry.stat(follow_symlinks=False)
                    yield Stat(entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def _at(self, name: str) -> Path:
        if "/" in check_key(name):
            raise InvalidKey(f"not the name of a partial: {name!r}")
        return self.partial_folder / name

    def _open(self, name: str, how: int) -> int:
        path = self._at(name)
        with translated("opening a partial"):
            try:
                return os.open(path, how | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                self.partial_folder.lstat()  # a lost mount is a fault, not an answer
                raise NotFound(name) from None

    def _open_complete(self, progress: Progress) -> int:
        if not progress.complete:
            raise ValueError("a partial that is not complete")
        descriptor = self._open(progress.name, os.O_RDONLY)
        if os.fstat(descriptor).st_size != progress.size:
            os.close(descriptor)
            raise Torn(f"{progress.name} has not the size that was durable")
        return descriptor


class PartialFileWriter:
    """Appends to one file, under its lock. Owns the descriptor."""

    step = STEP

    def __init__(self, descriptor: int, progress: Progress) -> None:
        self._descriptor, self._durable, self._at = descriptor, progress, progress.offset
        with self._closing("resuming a partial"):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(progress.name) from None
            found = os.fstat(descriptor)
            if found.st_size < progress.offset or found.st_nlink != 1:  # a second name: it was kept, cut nothing off
                raise Torn(f"{progress.name} does not hold the {progress.offset} bytes that were durable")
            if found.st_size > progress.offset:
                os.ftruncate(descriptor, progress.offset)
            os.lseek(descriptor, progress.offset, os.SEEK_SET)

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        view = memoryview(data).cast("B")
        with self._closing("writing"):
            if self._at + len(view) > self._durable.size:
                raise ValueError("more bytes than the partial was begun for")
            rest = view
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self._at += len(view)
        return len(view)

    def flush(self) -> Progress:
        with self._closing("making bytes durable"):
            os.fdatasync(self._descriptor)  # with it the file's length
        self._durable = replace(self._durable, offset=self._at)
        return self._durable

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    @contextmanager
    def _closing(self, doing: str) -> Iterator[None]:
        """Errors in our words; after one the writer is closed, and room it took for nothing is given back."""
        if self._descriptor < 0:
            raise ValueError("this writer is closed")
        try:
            with translated(doing):
                yield
        except BaseException as error:
            if not isinstance(error, Busy | Torn):
                with suppress(OSError):
                    os.ftruncate(self._descriptor, self._durable.offset)
            self.close()
            raise

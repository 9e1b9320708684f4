"""``file:///folder``: objects as files in one folder on a local disk.

The layout, all of it readable by its owner alone (0700, 0600)::

    incoming/             objects being written; each locked by its writer, so a sweep spares the living
    partial/              objects that arrive in pieces, over days if need be (storage/partial_files.py)
    objects/3f/a~b~c      the object a/b/c, in one of 256 folders chosen by the digest of its key

A commit is: fsync the file, give it its name by a hard link (which fails if the name is taken), fsync the folder.
So nothing half-written ever has a name, and nothing acknowledged is lost with the power. The folder must be on
one file system that has hard links; network shares that have none are refused with ``Unavailable``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

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
from storage.disk import RangeReader, fsync_folder, translated
from storage.partial_files import PartialFiles


def open_backend(url: str) -> FileStore:
    """The store in the folder that ``file:///absolute/path`` names; made if absent, and swept."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or path == "/" or "\0" in path:
        raise BadAddress(f"not a folder's address: {url!r}; it should be like file:///var/lib/tillpaid/vault")
    store = FileStore(Path(path))
    store.sweep()
    return store


class FileStore(PartialFiles):
    """A folder of objects. Several threads and processes on one machine may share it."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._incoming = self.root / "incoming"
        self._objects = self.root / "objects"
        self.partial_folder = self.root / "partial"
        self._safe: set[Path] = set()  # folders whose own names are known to be on the disk
        with translated("opening the store"):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self._incoming, self._objects, self.partial_folder):
                self._make_folder(folder)

    @property
    def folder(self) -> Path:
        return self._objects

    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        return put_through(self, key, stream, if_absent=if_absent)

    def begin(self) -> FileWriter:
        return FileWriter(self, self._incoming / f"{os.getpid()}-{secrets.token_hex(12)}")

    def open(self, key: str, start: int = 0, stop: int | None = None) -> RangeReader:
        descriptor = self.open_descriptor(key)
        size = os.fstat(descriptor).st_size
        return RangeReader(descriptor, max(0, start), size if stop is None else min(stop, size))

    def open_descriptor(self, key: str) -> int:
        path = self.path_of(key)
        with self._finding(key):
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)

    def local_path(self, key: str) -> Path:
        self.stat(key)
        return self.path_of(key)

    def stat(self, key: str) -> Stat:
        path = self.path_of(key)
        with self._finding(key):
            found = path.lstat()
        return Stat(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        path = self.path_of(key)
        try:
            with self._finding(key):
                path.unlink()
        except NotFound:
            return
        with translated(f"deleting {key}"):
            fsync_folder(path.parent)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        check_prefix(prefix)
        start = prefix.replace("/", "~")
        with translated("listing"), os.scandir(self._objects) as folders:
            for folder in folders:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.name.startswith(start):
                            with suppress(NotFound):  # deleted while we look
                                yield self.stat(entry.name.replace("~", "/"))

    def sweep(self, older_than: timedelta = timedelta(minutes=1)) -> int:
        """Removes unfinished writes whose writer is gone: nobody holds their lock, and they are not brand new."""
        latest = time.time() - older_than.total_seconds()
        with translated("sweeping"):
            return sum(_remove_if_dead(Path(entry.path), latest) for entry in os.scandir(self._incoming))

    def path_of(self, key: str) -> Path:
        """Where an object of this key lies, or would."""
        shard = hashlib.sha256(check_key(key).encode()).hexdigest()[:2]
        return self._objects / shard / key.replace("/", "~")

    def give_name(self, temporary: Path, key: str, *, if_absent: bool) -> None:
        """For the writer: the step that makes an object visible. ``temporary`` is on the disk already."""
        path = self.path_of(key)
        self._make_folder(path.parent)
        try:
            if if_absent:
                os.link(temporary, path)
            else:
                temporary.replace(path)
        finally:
            fsync_folder(path.parent)  # also where the name was taken: whoever took it may not have got here yet

    def _make_folder(self, folder: Path) -> None:
        if folder not in self._safe:
            folder.mkdir(mode=0o700, exist_ok=True)
            fsync_folder(folder.parent)
            self._safe.add(folder)

    @contextmanager
    def _finding(self, key: str) -> Iterator[None]:
        """As ``translated``, but a missing file is NotFound, unless the whole folder is missing (a lost mount)."""
        with translated(f"reading {key}"):
            try:
                yield
            except FileNotFoundError:
                self._objects.lstat()
                raise NotFound(key) from None


class FileWriter:
    """A file in ``incoming/``, locked while it is being written."""

    def __init__(self, store: FileStore, path: Path) -> None:
        self._store, self._path = store, path
        self._digest, self._size = hashlib.sha256(), 0
        with translated("beginning a write"):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with self._aborting("beginning a write"):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    @property
    def so_far(self) -> Stored:
        return Stored(self._size, self._digest.hexdigest())

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        view = memoryview(data).cast("B")
        with self._aborting("writing"):
            rest = view
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self._digest.update(view)
        self._size += len(view)
        return len(view)

    def commit(self, key: str, *, if_absent: bool = True) -> Stored:
        with self._aborting(f"keeping {key}"):
            os.fsync(self._descriptor)
            try:
                self._store.give_name(self._path, key, if_absent=if_absent)
            except FileExistsError:
                raise AlreadyExists(key) from None
        self.abort()  # the object has its name; what goes is the temporary one
        return self.so_far

    def abort(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.abort()

    @contextmanager
    def _aborting(self, doing: str) -> Iterator[None]:
        if self._descriptor < 0:
            raise ValueError("this writer has ended")
        try:
            with translated(doing):
                yield
        except BaseException:
            self.abort()
            raise


def _remove_if_dead(path: Path, latest: float) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:  # committed or aborted just now
        return False
    try:
        if os.fstat(descriptor).st_mtime > latest:  # its writer may not have come to lock it yet
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)

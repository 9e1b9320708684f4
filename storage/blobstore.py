"""What a store of bytes can do: a small core that every backend has, and optional powers beside it.

Errors, all of them ``StorageError``::

    StorageError
    |-- InvalidKey      the key is not one of ours: a fault in the caller
    |-- NotFound        nothing is kept under this key
    |-- AlreadyExists   something is; it was left as it was, and is as durable as if this call had put it there
    |-- Busy            somebody else is writing there at this moment (only from ``storage.resuming``)
    |-- Torn            bytes that were durable are not there, or are not the same (only from ``storage.resuming``)
    |-- NoSpace         the disk or the quota is full; what was being written is gone
    |-- Unavailable     the store cannot be reached or answers with a fault; a later try may succeed
    `-- BadAddress      an address that names no store (only from ``storage.opening`` and a backend's ``open_backend``)

A backend turns its own errors into these, and raises nothing else for a fault of the store.

All methods may be called from several threads, and several processes may use one store. A ``Writer`` and a
``Reader`` belong to one thread at a time. Nothing here locks for the caller: "look, then put" is a race, so
put with ``if_absent`` and catch ``AlreadyExists``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self, runtime_checkable

CHUNK = 1024 * 1024
MAX_KEY = 200
_SEGMENT = r"[a-z0-9][a-z0-9._-]*"
_KEY = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*")
_PREFIX = re.compile(rf"({_SEGMENT}/)*({_SEGMENT})?")


class StorageError(Exception):
    """Something went wrong in a store. The message may name a key: it is for logs, not for clients."""

    retryable = False


class InvalidKey(StorageError):
    """Not a key: see :func:`check_key`."""


class NotFound(StorageError):
    """Nothing is kept under this key."""


class AlreadyExists(StorageError):
    """The key is taken."""


class Busy(StorageError):
    """Another writer has it; a later try may succeed."""

    retryable = True


class Torn(StorageError):
    """What was there is not there any more: nothing can go on from here."""


class NoSpace(StorageError):
    """The disk or the quota is full."""

    retryable = True


class Unavailable(StorageError):
    """The store cannot be reached, or answered with a fault."""

    retryable = True


class BadAddress(StorageError):
    """An address from which no store can be opened."""


@dataclass(frozen=True)
class Stored:
    """What was written: bytes, and their SHA-256 in lower-case hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Stat:
    """What is kept under a key. ``modified_at`` is in UTC, by the store's clock."""

    key: str
    size: int
    modified_at: datetime


def check_key(key: str) -> str:
    """``key``, if it is one; else InvalidKey.

    Keys are made by the program from ids and digests, never from a person's file name: segments of lower-case
    letters, digits, ``.``, ``_`` and ``-``, beginning with a letter or digit, joined by ``/``, at most 200
    characters. Lower case only, because some disks cannot tell the cases apart.
    """
    if len(key) > MAX_KEY or not _KEY.fullmatch(key) or ".." in key:
        raise InvalidKey(f"not a storage key: {key[:MAX_KEY]!r}")
    return key


def check_prefix(prefix: str) -> str:
    """``prefix``, if some key could begin with it; the empty one begins them all."""
    if len(prefix) > MAX_KEY or not _PREFIX.fullmatch(prefix) or ".." in prefix:
        raise InvalidKey(f"not the beginning of a storage key: {prefix[:MAX_KEY]!r}")
    return prefix


class Reader(Protocol):
    """The bytes asked for, as a seekable binary file; position 0 is the first byte asked for, not of the object."""

    def read(self, size: int = -1, /) -> bytes:
        """As many bytes as asked for, fewer only at the end; all the rest when negative."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Writer(Protocol):
    """An object on its way in, visible to nobody until ``commit``.

    Use it in a ``with`` block: leaving that without a commit aborts. After any error the writer is aborted.
    """

    @property
    def so_far(self) -> Stored:
        """Size and digest of what was written up to now; a content-addressed key can be made from it."""
        ...

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Takes all of ``data``. Raises NoSpace or Unavailable."""
        ...

    def commit(self, key: str, *, if_absent: bool = True) -> Stored:
        """Makes the object durable, then visible under ``key``, in one step.

        Raises AlreadyExists if the key is taken and ``if_absent``; otherwise the older object is replaced,
        and who reads it meanwhile keeps reading the older one, or gets Unavailable; never a mixture. After NoSpace or Unavailable the object may
        be there, whole, or not at all.
        """
        ...

    def abort(self) -> None:
        """Forgets what was written. Harmless after a commit or another abort."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class BlobStore(Protocol):
    """The core. :mod:`storage.conformance` is this contract as a program."""

    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        """Writes all of ``stream`` in constant memory; as ``begin`` and ``commit``. Leaves ``stream`` open."""
        ...

    def begin(self) -> Writer:
        """For bytes that arrive in pieces and get their key at the end."""
        ...

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Reader:
        """Bytes ``start`` to ``stop`` (exclusive; None is the end; past the end is cut). Raises NotFound."""
        ...

    def stat(self, key: str) -> Stat:
        """Raises NotFound."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is such an object. False is an answer, never a guess: a fault raises Unavailable."""
        ...

    def delete(self, key: str) -> None:
        """Forgets the object; nothing happens if there is none. Open readers may go on to their end."""
        ...

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Every object whose key begins with ``prefix``, in no order. For scrubs and sweeps: it may be slow."""
        ...


@runtime_checkable
class LocalPath(Protocol):
    """Power: objects are files on this machine, so the kernel may send them and a sandbox may be handed one."""

    @property
    def folder(self) -> Path:
        """What all of them lie in, at any depth, and nothing else."""
        ...

    def local_path(self, key: str) -> Path:
        """Where the object lies. Only to be read. Raises NotFound."""
        ...

    def open_descriptor(self, key: str) -> int:
        """A read-only file descriptor, which the caller closes. Raises NotFound."""
        ...


@runtime_checkable
class Sweeps(Protocol):
    """Power: unfinished writes of dead processes can be cleared away."""

    def sweep(self, older_than: timedelta = timedelta(minutes=1)) -> int:
        """Removes leftovers that nobody is writing; how many. Safe at any time."""
        ...


@runtime_checkable
class Presigns(Protocol):
    """Power: the store itself can serve an object to whoever holds an address.

    An address, once out, cannot be revoked: it lives a minute at most, and only who may hand out the object asks.
    """

    def presign(self, key: str, *, lasts: timedelta, disposition: str, media_type: str) -> str:
        """An address that answers GET with the object, named and typed so. Whether it exists is not looked at."""
        ...


def chunks(stream: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a file or of an iterable of bytes."""
    if hasattr(stream, "read"):
        while piece := stream.read(CHUNK):
            yield piece
    else:
        yield from stream


def put_through(store: BlobStore, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool) -> Stored:
    """``put`` for a backend that has no shorter way than its own writer."""
    check_key(key)
    with store.begin() as writer:
        for piece in chunks(stream):
            writer.write(piece)
        return writer.commit(key, if_absent=if_absent)


def measure(store: BlobStore, key: str) -> Stored:
    """Reads a whole object and says what it is; compare it with what was written to find a flipped bit."""
    digest, size = hashlib.sha256(), 0
    with store.open(key) as reader:
        while piece := reader.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return Stored(size, digest.hexdigest())

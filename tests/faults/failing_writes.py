"""Lets one write fail, whichever it is: of the file store's own system calls, and of SQLite's, both in this process.

SQLite writes through a table of functions (a VFS), and takes another one by registration. Ours is a copy of its own
with write, truncate and sync replaced, made through ctypes: nothing has to be compiled. What they return is
what SQLite's own return when the system says ENOSPC or EIO. A Python with SQLite inside it that shows none of
SQLite's functions leaves only the store's calls to fail.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from tests.faults.writes import Writes

SQLITE_OK, SQLITE_FULL, SQLITE_CANTOPEN = 0, 13, 14
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE = 10 | 3 << 8, 10 | 4 << 8, 10 | 6 << 8
OPEN_CREATE = 4
CALLS = ("open", "write", "fsync", "fdatasync", "link", "replace", "ftruncate", "mkdir")
OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class Vfs(ctypes.Structure):
    """``sqlite3_vfs``, as far as we touch it."""

    _fields_: ClassVar = [
        ("version", ctypes.c_int),
        ("size_of_file", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", OPEN),
        ("rest", ctypes.c_void_p * 16),
    ]


class Methods(ctypes.Structure):
    """``sqlite3_io_methods``, version 3."""

    _fields_: ClassVar = [
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", WRITE),
        ("truncate", TRUNCATE),
        ("sync", SYNC),
        ("rest", ctypes.c_void_p * 13),
    ]


@contextmanager
def failing_writes() -> Iterator[Writes]:
    """While the block lasts, for everything that is opened in it."""
    writes = Writes()
    with pytest.MonkeyPatch.context() as patch, _sqlite_over(writes):
        for name in CALLS:
            patch.setattr(os, name, _counted(writes, name, getattr(os, name)))
        yield writes


def _counted(writes: Writes, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        asked_by = sys._getframe(1).f_globals.get("__name__", "")
        reads = name == "open" and not args[1] & (os.O_WRONLY | os.O_RDWR)
        if asked_by.startswith("storage.") and not reads and writes.fails(f"os.{name}"):
            raise OSError(writes.error, os.strerror(writes.error))
        return real(*args, **kwargs)

    return call


@contextmanager
def _sqlite_over(writes: Writes) -> Iterator[None]:
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    if not hasattr(library, "sqlite3_vfs_find"):
        yield
        return
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    known = library.sqlite3_vfs_find(None)
    ours = _copy(known.contents)
    ours.name, ours.open = b"failing", OPEN(_opening(writes, known.contents))
    _KEPT.append(ours)
    library.sqlite3_vfs_register(ctypes.byref(ours), 1)
    yield
    library.sqlite3_vfs_unregister(ctypes.byref(ours))


_KEPT: list[Any] = []
"""What SQLite may still point to."""


def _copy(one: Any) -> Any:
    return type(one).from_buffer_copy(one)


def _opening(writes: Writes, known: Vfs) -> Callable[..., int]:
    made: dict[int, Methods] = {}
    guard = threading.Lock()

    def call(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        if flags & OPEN_CREATE and writes.fails("sqlite open"):
            return SQLITE_CANTOPEN
        code = known.open(vfs, name, file, flags, out)
        methods = ctypes.c_void_p.from_address(file)
        if code == SQLITE_OK and methods.value:
            with guard:
                if methods.value not in made:
                    made[methods.value] = _failing(writes, Methods.from_address(methods.value))
                methods.value = ctypes.addressof(made[methods.value])
        return int(code)

    _KEPT.append(made)
    return call


def _failing(writes: Writes, real: Methods) -> Methods:
    """The file's functions, with those that write asking first."""
    ours = _copy(real)

    def write(file: int, data: int, length: int, at: int) -> int:
        if writes.fails("sqlite write"):
            return SQLITE_FULL if writes.error == errno.ENOSPC else IOERR_WRITE
        return int(real.write(file, data, length, at))

    def truncate(file: int, size: int) -> int:
        return IOERR_TRUNCATE if writes.fails("sqlite truncate") else int(real.truncate(file, size))

    def sync(file: int, flags: int) -> int:
        return IOERR_FSYNC if writes.fails("sqlite sync") else int(real.sync(file, flags))

    ours.write, ours.truncate, ours.sync = WRITE(write), TRUNCATE(truncate), SYNC(sync)
    return ours

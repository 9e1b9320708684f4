"""Landlock: no files but those named, no network, nothing outside to signal. Rights by linux/landlock.h."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from typing import Final

from watermark.walls import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE: Final = 1 << 14
_DEVICE_CONTROL: Final = 1 << 15
READ: Final = EXECUTE | READ_FILE | READ_DIR
_OF_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _DEVICE_CONTROL
_FILES_BY_VERSION: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK: Final = 0b11
"""Binding and connecting TCP."""
_SCOPE: Final = 0b11
"""Abstract UNIX sockets and signals stay inside."""
_LENGTHS: Final = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}


def restrict(
    readable: Iterable[str] = (),
    writable: Iterable[str] = (),
    open_files: Iterable[int] = (),
    plain: Iterable[str] = (),
) -> None:
    """Hold this process to reading `readable` and all on `writable` folders, for good. Paths that do not exist are
    passed over. `open_files` are descriptors of files that may be opened again for reading; `plain` are files such as
    /dev/null that may be read and written. Needs no_new_privs. Raises OSError; does nothing where there is no Landlock.
    """
    version = kernel.landlock_version()
    if version == 0:
        return
    files = _FILES_BY_VERSION[min(version, 5)]
    network = _NETWORK if version >= 4 else 0
    ruleset = kernel.landlock_ruleset(files, network, _SCOPE if version >= 6 else 0, _LENGTHS.get(version, 24))
    try:
        for path in readable:
            _allow_path(ruleset, path, READ)
        for path in writable:
            _allow_path(ruleset, path, files & ~EXECUTE & ~_DEVICE_CONTROL)
        for path in plain:
            _allow_path(ruleset, path, (READ_FILE | WRITE_FILE) & files)
        for number in open_files:
            _allow_open(ruleset, number)
        kernel.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _allow_open(ruleset: int, number: int) -> None:
    try:
        kernel.landlock_allow(ruleset, READ_FILE, number)
    except OSError as fault:
        if fault.errno != errno.EBADFD:  # in no file system that Landlock watches (a memfd): it may be opened anyway
            raise


def _allow_path(ruleset: int, path: str, access: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        kernel.landlock_allow(ruleset, access if folder else access & _OF_FILES, opened)
    finally:
        os.close(opened)

"""Kernel calls for which Python has no names: prctl, seccomp, Landlock, capset. Linux.

Loaded in the parent, once: after a fork the child only calls.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_SET_MODE_FILTER: Final = 1
_SECCOMP_GET_ACTION_AVAIL: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_CREATE_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def prctl(option: int, argument: int) -> None:
    """Raises OSError."""
    _checked(_libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0))


def drop_capabilities() -> None:
    """Give up every capability, those that root has by itself too. Raises OSError."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    _checked(_libc.capset(header, ctypes.create_string_buffer(24)))


def install_filter(code: bytes, seccomp: int, flags: int = 0) -> int:
    """Filter the calls of this process, for good. `seccomp` is that call's number; with the flag for a listener a descriptor
    of it is returned, else 0. Raises OSError."""
    program = _program(code)
    return _checked(_libc.syscall(ctypes.c_long(seccomp), _SECCOMP_SET_MODE_FILTER, ctypes.c_ulong(flags), program))


def has_filters(seccomp: int) -> bool:
    """Whether this kernel knows filters that answer with an error."""
    action = ctypes.c_uint32(0x00050000)
    return bool(_libc.syscall(ctypes.c_long(seccomp), _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def landlock_version() -> int:
    """0 if the kernel has no Landlock or it is switched off."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_CREATE_VERSION)))


def landlock_ruleset(files: int, network: int, scope: int, length: int) -> int:
    """A descriptor of a new ruleset. `length` is how much of the attributes the kernel knows. Raises OSError."""
    attributes = struct.pack("=QQQ", files, network, scope)[:length]
    return _checked(_libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(length), 0))


def landlock_allow(ruleset: int, access: int, beneath: int) -> None:
    """Allow `access` on what lies beneath the open folder, or on the open file. Raises OSError."""
    _checked(_libc.syscall(_LANDLOCK_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", access, beneath), 0))


def landlock_restrict(ruleset: int) -> None:
    """Hold this process to the ruleset, for good. Raises OSError."""
    _checked(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _program(code: bytes) -> ctypes.Array[ctypes.c_char]:
    """A `sock_fprog`, kept together with what it points to."""
    whole = ctypes.create_string_buffer(ctypes.sizeof(_Program) + len(code))
    start = ctypes.addressof(whole) + ctypes.sizeof(_Program)
    ctypes.memmove(start, code, len(code))
    head = _Program.from_buffer(whole)
    head.length, head.code = len(code) // 8, start
    return whole


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)

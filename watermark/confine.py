"""Take from the child what it does not need, before it sees a byte of the file. Linux.

Here: resource limits, no_new_privs, death with the parent. The place for a Landlock ruleset and a seccomp filter is
`confine`, after the limits: from there on the child only decodes.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path
from typing import Final

from watermark.limits import Limits

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
OPEN_FILES: Final = 32

# Loaded in the parent, once: after a fork the child only calls.
_libc = ctypes.CDLL(None, use_errno=True)


def confine(limits: Limits, parent: int) -> None:
    """Confine the calling process, for good. `parent` is the pid that forked it. Raises OSError if a layer is refused."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above: nobody would end this child
        os._exit(1)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _limit(resource.RLIMIT_CORE, 0)
    # No file can be written. Safe only because answers leave through a socket.
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    # Counted per account, and no bar for root: a decoder started as root may still fork until seccomp forbids it.
    _limit(resource.RLIMIT_NPROC, 0)
    # The soft limit ends the child with SIGXCPU, which is told from other deaths.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    _limit(resource.RLIMIT_DATA, _data_bytes(limits.memory))


def die_quietly() -> None:
    """Send what the child's libraries print nowhere; its standard streams may belong to a server's log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _data_bytes(memory: int) -> int:
    """RLIMIT_DATA that keeps resident memory under `memory` bytes.

    The kernel counts reserved private memory against it, and idle reservations of preloaded libraries are already
    there: so what is reserved now, plus what may still become resident.
    """
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines() if ":" in line
    )
    reserved, resident = (int(fields[name].split()[0]) * 1024 for name in ("VmData", "VmRSS"))
    return reserved + max(0, memory - resident)


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


def _prctl(option: int, argument: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

"""Take from the child what it does not need, before it sees a byte of the file. Linux.

Four layers, each of which holds alone where the others fail (`watermark.walls`): resource limits; no privileges; an empty
Landlock ruleset, so that no path can be opened; a seccomp filter, so that the kernel answers next to nothing. What
the kernel lacks is left out here: `watermark.walls.layers` tells of it, and can insist.
"""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path
from typing import Final

from watermark.limits import MIB, Limits
from watermark.walls import kernel, landlock
from watermark.walls.filter import compiled
from watermark.walls.policies import decoder_rules
from watermark.walls.syscalls import this_machine

OPEN_FILES: Final = 32
RESERVE: Final = 64 * MIB
"""Of `memory`: for what the limit below does not see, libraries' pages read later and what malloc had put by before the fork."""


def confine(limits: Limits, parent: int) -> None:
    """Confine the calling process, for good. `parent` is the pid that forked it. Raises OSError if a layer is refused."""
    die_with(parent)
    drop_privileges()
    _limit_resources(limits)
    landlock.restrict()
    machine = this_machine()
    if machine is not None and kernel.has_filters(machine.numbers["seccomp"]):
        code = compiled(decoder_rules(os.getpid()), machine)
        kernel.install_filter(code, machine.numbers["seccomp"])


def die_with(parent: int) -> None:
    """End this process when the one that forked it ends."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above: nobody would end this child
        os._exit(1)


def drop_privileges() -> None:
    """No capabilities, and none to be had from a set-uid program."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()


def _limit_resources(limits: Limits) -> None:
    limit(resource.RLIMIT_CORE, 0)
    # No file can be written. Safe only because answers leave through a socket.
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_MEMLOCK, 0)
    # Counted per account, threads too, and no bar for root: that a child forks nothing is seccomp's to see to.
    # The soft limit ends the child with SIGXCPU, which is told from other deaths.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    limit(resource.RLIMIT_DATA, _data_bytes(limits.memory))


def die_quietly() -> None:
    """Send what the child's libraries print nowhere; its standard streams may belong to a server's log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _data_bytes(memory: int) -> int:
    """RLIMIT_DATA that keeps resident memory under `memory` bytes.

    The kernel counts reserved private memory against it, and idle reservations of preloaded libraries are already
    there: so what is reserved now, plus what may still become resident, less a reserve: without it a malformed picture came
    to 1,055 MiB of 1,024.
    """
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines() if ":" in line
    )
    reserved, resident = (int(fields[name].split()[0]) * 1024 for name in ("VmData", "VmRSS"))
    return reserved + max(0, memory - resident - RESERVE)


def limit(what: int, value: int) -> None:
    """Set both the soft and the hard limit."""
    resource.setrlimit(what, (value, value))

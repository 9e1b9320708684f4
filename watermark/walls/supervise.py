"""The supervisor of one outside program: confines it, waits for it, and ends all of it. One process a run.

Started by `watermark.confined_program` as `python -c ... ORDER`, ORDER being an `Order` in JSON. It ends the program when
its time is up, when it outgrows its limits, or when the leash closes, because the caller has gone, however it went. Its
own end ends the program (PR_SET_PDEATHSIG). On the leash it tells once, in JSON, how the program ended.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import select
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from watermark.confine import die_with, drop_privileges, limit
from watermark.walls import kernel, landlock
from watermark.walls.filter import compiled
from watermark.walls.policies import program_rules
from watermark.walls.syscalls import this_machine

INPUT_FD: Final = 3
OPEN_FILES: Final = 256
LOOK_SECONDS: Final = 0.1
NICE: Final = 10
"""A program works behind everybody who waits for a page or a photograph."""
PR_SET_CHILD_SUBREAPER: Final = 36
TASKS_OF_A_PROCESS: Final = 32
"""How many threads each process may have, on the average: the kernel counts both together."""
FIRST_NOBODY: Final = 0x70000000
"""Root is not counted: for it a program that may start others runs as an account of its own, from this number on."""
NOT_STARTED: Final = 127
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")

SYSTEM: Final = (
    *("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives", "/etc/passwd"),
    *("/etc/nsswitch.conf", "/etc/localtime", "/var/cache/fontconfig", "/dev/urandom", "/sys/devices/system/cpu"),
)
DEVICES: Final = ("/dev/null", "/dev/zero")


@dataclass(frozen=True)
class Order:
    """What to run and how. `source` is the descriptor of the file to read, -1 for none; sizes in bytes."""

    argv: list[str]
    leash: int
    source: int
    folder: str
    readable: list[str]
    memory: int
    cpu_seconds: int
    wall_seconds: float
    folder_bytes: int
    processes: int
    listens: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def main(told: str) -> None:
    """Run the order; never raises, always ends."""
    order = Order(**json.loads(told))
    os.set_inheritable(order.leash, False)
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)  # what the program leaves behind becomes ours to end
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _become_program(order, parent)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)  # the child does so too; whoever is first
    for stream in (0, 1, 2):  # else the pipes would stay open for as long as this looks on
        os.close(stream)
    reason = _watch(order, pid)
    with contextlib.suppress(OSError):
        os.write(order.leash, json.dumps(reason).encode())


def _watch(order: Order, pid: int) -> dict[str, Any]:
    """Look at the program until it has ended or must; how it ended."""
    until = time.monotonic() + order.wall_seconds
    look = select.poll()
    look.register(order.leash, select.POLLIN | select.POLLHUP)
    look.register(os.pidfd_open(pid), select.POLLIN)
    stopped = ""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        ready = {number for number, _ in look.poll(LOOK_SECONDS * 1000)}
        if order.leash in ready:
            stopped = "cancelled"
        elif time.monotonic() > until:
            stopped = "timed_out"
        else:
            stopped = _outgrown(order, pid)
        if stopped:
            break
    status, usage = _end_all(pid)
    return {
        "stopped": stopped,
        "exit": os.waitstatus_to_exitcode(status),
        "peak": usage.ru_maxrss * 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
    }


def _outgrown(order: Order, pid: int) -> str:
    """The reason to end it, if it has become too much."""
    if _folder_bytes(order.folder) > order.folder_bytes:
        return "too_much_output"
    if order.processes > 1:  # one alone is held by its own limits
        found = _descendants(pid)
        if len(found) > order.processes:
            return "too_many_processes"
        if sum(_resident(one) for one in found) > order.memory:
            return "out_of_memory"
    return ""


def _end_all(pid: int) -> tuple[int, resource.struct_rusage]:
    """Kill the whole group, which nobody can leave, and collect what there is; status and usage of the program."""
    ended: tuple[int, resource.struct_rusage] | None = None
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        try:
            found, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            assert ended is not None  # noqa: S101 - the program itself was ours and has been waited for
            return ended
        if found == pid:
            ended = status, usage


def _become_program(order: Order, parent: int) -> NoReturn:
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGXFSZ, signal.SIGPIPE):  # Python ignores them, and that would be inherited
            signal.signal(number, signal.SIG_DFL)
        keep = [INPUT_FD] if order.source >= 0 else []
        if keep and order.source != INPUT_FD:
            os.dup2(order.source, INPUT_FD)
        if keep:
            os.set_inheritable(INPUT_FD, True)
        os.closerange(INPUT_FD + len(keep), 1 << 16)
        os.chdir(order.folder)
        os.nice(NICE)
        _limit_tasks(order)
        die_with(parent)  # after the account: the kernel forgets it then
        _confine(order, keep)
        os.execve(order.argv[0], order.argv, _environment(order.folder))  # noqa: S606 - what this is for
    except OSError as fault:
        os.write(2, f"could not be started: {errno.errorcode.get(fault.errno or 0, '?')}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def _limit_tasks(order: Order) -> None:
    """A hard bound on processes and threads: by looking alone a program that doubles itself is not caught in time."""
    most = order.processes * TASKS_OF_A_PROCESS
    if os.geteuid() != 0:
        most += _tasks_of(os.geteuid())
    elif order.processes > 1:
        account = FIRST_NOBODY + os.getpid()
        for place, _, names in os.walk(order.folder):
            for path in (place, *(f"{place}/{name}" for name in names)):
                os.lchown(path, account, account)
        os.setgroups([])
        os.setresgid(account, account, account)
        os.setresuid(account, account, account)
    limit(resource.RLIMIT_NPROC, most)


def _tasks_of(account: int) -> int:
    """All threads of an account now, which are counted as well."""
    found = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and entry.stat().st_uid == account:
                found += len(list((entry / "task").iterdir()))
    return found


def _confine(order: Order, keep: list[int]) -> None:
    drop_privileges()
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_MEMLOCK, 0)
    limit(resource.RLIMIT_FSIZE, order.folder_bytes)
    limit(resource.RLIMIT_DATA, order.memory)
    resource.setrlimit(resource.RLIMIT_CPU, (order.cpu_seconds, order.cpu_seconds + 5))
    program = str(Path(order.argv[0]).resolve().parent)
    landlock.restrict([*SYSTEM, program, *order.readable], [order.folder], keep, DEVICES)
    machine = this_machine()
    if machine is not None and kernel.has_filters(machine.numbers["seccomp"]):
        rules = program_rules(os.getpid(), processes=order.processes > 1, listens=order.listens)
        kernel.install_filter(compiled(rules, machine), machine.numbers["seccomp"])


def _environment(folder: str) -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder}


def _folder_bytes(folder: str) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(f"{place}/{name}").st_blocks * 512
    return total


def _descendants(pid: int) -> list[int]:
    found, below = [], [pid]
    while below:
        one = below.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            below += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text("ascii").split()]
    return found


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE
    return 0

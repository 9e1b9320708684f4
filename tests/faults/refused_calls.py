"""Lets one write of a real server fail, whichever it is: PostgreSQL's or the S3 store's own system calls, in any of its processes.

The server runs behind a seccomp filter that asks us about every call that writes (SECCOMP_RET_USER_NOTIF, Linux 5.5): we
look at which file it means, count it, and answer "go on" or an error, as the kernel would on a bad or a full disk.
``python -m tests.faults.refused_calls [DESCRIPTOR, ACCOUNT, PROGRAM]`` puts itself behind the filter, sends us the descriptor on
which the questions come, and becomes the program. Layouts by linux/seccomp.h.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import json
import os
import socket
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Any, Self

from watermark.walls import kernel
from watermark.walls.filter import ALLOW
from watermark.walls.syscalls import Machine, this_machine

ROOT = Path(__file__).parents[2]
CALLS = ("write", "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate")
_NEW_LISTENER, _USER_NOTIF, _GO_ON = 1 << 3, 0x7FC00000, 1
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_QUESTION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, number, architecture, instruction, arguments
_ANSWER = struct.Struct("=QqiI")  # id, value, error, flags


class RefusedCalls:
    """Counts what a server writes below ``folder``; the one whose number is ``fail_at`` fails with ``error``, once.

    In a ``with`` block questions are answered.
    """

    def __init__(self, folder: Path, *, passed_over: tuple[str, ...] = ()) -> None:
        self.seen: list[str] = []
        self.fail_at, self.error = -1, errno.EIO
        self._folder, self._passed_over = f"{folder}/", passed_over
        self._ours, self._theirs = socket.socketpair()
        self._guard = threading.Lock()

    def started(self, program: list[str], *, account: tuple[int, int] | None = None, **asked: Any) -> Popen[bytes]:
        """The program, behind the filter, as another account (user and group) if one is given."""
        told = json.dumps([self._theirs.fileno(), account, program])
        command = [sys.executable, "-m", "tests.faults.refused_calls", told]
        return Popen(command, cwd=ROOT, pass_fds=[self._theirs.fileno()], **asked)

    def begin(self, fail_at: int, error: int) -> None:
        with self._guard:
            self.seen, self.fail_at, self.error = [], fail_at, error

    @property
    def failed(self) -> str:
        """Which one did; empty: there were fewer."""
        return self.seen[self.fail_at] if 0 <= self.fail_at < len(self.seen) else ""

    def __enter__(self) -> Self:
        threading.Thread(target=self._wait_for_servers, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.shutdown(socket.SHUT_RDWR)

    def _wait_for_servers(self) -> None:
        """Each start of a server sends a descriptor of its own."""
        while True:
            _, told, _, _ = self._ours.recvmsg(1, socket.CMSG_SPACE(4))
            if not told:
                return
            (listener,) = array.array("i", told[0][2])
            threading.Thread(target=self._answer_all, args=(listener,), daemon=True).start()

    def _answer_all(self, listener: int) -> None:
        """Until the last process of that server has ended."""
        question = bytearray(_QUESTION.size)
        while True:
            question[:] = bytes(_QUESTION.size)
            try:
                fcntl.ioctl(listener, _RECEIVE, question)
            except OSError as gone:
                if gone.errno == errno.ENOENT:  # who asked was killed meanwhile
                    continue
                os.close(listener)
                return
            number, asker, _, call, _, _, descriptor, *_ = _QUESTION.unpack(question)
            fails = self._fails(asker, call, descriptor)
            answer = _ANSWER.pack(number, 0, -self.error if fails else 0, 0 if fails else _GO_ON)
            with suppress(OSError):
                fcntl.ioctl(listener, _SEND, answer)

    def _fails(self, asker: int, call: int, descriptor: int) -> bool:
        try:
            path = str(Path(f"/proc/{asker}/fd/{descriptor & 0xFFFFFFFF}").readlink())
        except OSError:
            return False
        inside = path.removeprefix(self._folder)
        if inside == path or inside.startswith(self._passed_over):
            return False
        with self._guard:
            self.seen.append(f"{_NAMES[call]} {_kind(inside)}")
            return len(self.seen) - 1 == self.fail_at


def _kind(path: str) -> str:
    """A file's place without its numbers: ``data/pg_wal``, ``data/base``."""
    return "/".join(path.split("/")[:2])


def _machine() -> Machine:
    machine = this_machine()
    assert machine is not None, "no table of this machine's calls"
    return machine


_NAMES = {number: name for name, number in _machine().numbers.items()}


def _asking() -> bytes:
    """The filter: our calls are asked about, all others go on."""
    steps = [(0x20, 0, 0, 0)]
    for name in CALLS:
        steps += [(0x15, 0, 1, _machine().numbers[name]), (0x06, 0, 0, _USER_NOTIF)]
    return b"".join(struct.pack("=HBBI", *step) for step in [*steps, (0x06, 0, 0, ALLOW)])


def _behind_the_filter() -> int:
    """From here on this process and all below it ask; the descriptor on which they do."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    code = _asking()
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    listener = int(libc.syscall(ctypes.c_long(_machine().numbers["seccomp"]), 1, _NEW_LISTENER, program))
    assert listener >= 0, os.strerror(ctypes.get_errno())
    return listener


def main(descriptor: int, account: tuple[int, int] | None, program: list[str]) -> None:
    way = socket.socket(fileno=descriptor)
    listener = _behind_the_filter()
    way.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    os.close(listener)
    way.close()
    if account:
        os.setgroups([])
        os.setresgid(*[account[1]] * 3)
        os.setresuid(*[account[0]] * 3)
        os.chdir("/")
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))

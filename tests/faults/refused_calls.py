"""Lets one write of a real server fail, whichever it is: PostgreSQL's or the S3 store's own system calls, in any of its processes.

The server runs behind a seccomp filter that asks us about every call that writes (SECCOMP_RET_USER_NOTIF, Linux 5.5): we
look at which file it means, count it, and answer "go on" or an error, as the kernel would on a bad or a full disk.
``python -m tests.faults.refused_calls [DESCRIPTOR, FOLDER, ACCOUNT, PROGRAM]`` puts itself behind the filter, sends us the descriptor on
which the questions come, and becomes the program. Layouts by linux/seccomp.h.
"""

from __future__ import annotations

import array
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

from tests.faults.writes import Writes
from watermark.walls import kernel
from watermark.walls.filter import ALLOW
from watermark.walls.syscalls import Machine, this_machine

ROOT = Path(__file__).parents[2]
CALLS = ("write", "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate")
_NEW_LISTENER, _USER_NOTIF, _GO_ON = 1 << 3, 0x7FC00000, 1
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_QUESTION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, number, architecture, instruction, arguments
_ANSWER = struct.Struct("=QqiI")  # id, value, error, flags


class RefusedCalls(Writes):
    """The writes of a server below ``folder``. In a ``with`` block its questions are answered."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = f"{folder}/"
        self._names = {number: name for name, number in _machine().numbers.items()}
        self._ours, self._theirs = socket.socketpair()

    def started(
        self, program: list[str], *, cwd: Path, account: tuple[int, int] | None = None, **asked: Any
    ) -> Popen[bytes]:
        """The program in the folder ``cwd``, behind the filter, as another account (user and group) if one is given."""
        told = json.dumps([self._theirs.fileno(), str(cwd), account, program])
        command = [sys.executable, "-m", "tests.faults.refused_calls", told]
        return Popen(command, cwd=ROOT, pass_fds=[self._theirs.fileno()], **asked)

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
            path = self._path(asker, descriptor)
            fails = bool(path) and self.fails(f"{self._names[call]} {path}")
            answer = _ANSWER.pack(number, 0, -self.error if fails else 0, 0 if fails else _GO_ON)
            with suppress(OSError):
                fcntl.ioctl(listener, _SEND, answer)

    def _path(self, asker: int, descriptor: int) -> str:
        """Which of the server's files it is, as far as two names of it say; empty: none."""
        try:
            path = str(Path(f"/proc/{asker}/fd/{descriptor & 0xFFFFFFFF}").readlink())
        except OSError:
            return ""
        inside = path.removeprefix(self._folder)
        return "" if inside == path else "/".join(inside.split("/")[:2])


def _machine() -> Machine:
    machine = this_machine()
    assert machine is not None, "no table of this machine's calls"
    return machine


def _asking() -> bytes:
    """The filter: our calls are asked about, all others go on."""
    steps = [(0x20, 0, 0, 0)]
    for name in CALLS:
        steps += [(0x15, 0, 1, _machine().numbers[name]), (0x06, 0, 0, _USER_NOTIF)]
    return b"".join(struct.pack("=HBBI", *step) for step in [*steps, (0x06, 0, 0, ALLOW)])


def _behind_the_filter() -> int:
    """From here on this process and all below it ask; the descriptor on which they do."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    return kernel.install_filter(_asking(), _machine().numbers["seccomp"], _NEW_LISTENER)


def main(descriptor: int, cwd: str, account: tuple[int, int] | None, program: list[str]) -> None:
    way = socket.socket(fileno=descriptor)
    listener = _behind_the_filter()
    way.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    os.close(listener)
    way.close()
    if account:
        os.setgroups([])
        os.setresgid(*[account[1]] * 3)
        os.setresuid(*[account[0]] * 3)
    os.chdir(cwd)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))

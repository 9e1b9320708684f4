"""Run an outside program (ffmpeg, LibreOffice, ...) on a stranger's file, behind the same walls as our own decoders.

For the service's side, or a command: never inside the sandbox's child, which may start nothing. May be used from many
threads at once; each run has a supervisor process of its own (`watermark.walls.supervise`), about 60 ms.

    with tempfile.TemporaryDirectory() as folder:
        done = run(["/usr/bin/ffmpeg", "-nostdin", "-v", "error", "-i", INPUT, "out.mp4"], source=file, folder=folder,
                   limits=ProgramLimits(wall_seconds=300))
        done.stdout, done.messages, Path(folder, "out.mp4")

What the program has:
- the file, open for reading and seekable, under the name `INPUT` (a path: works where a program insists on one; ffmpeg
  needs `-f` where it would go by the suffix). Copy the file into `folder` for a program that wants a certain name.
- `folder`, an existing empty folder of yours: its working folder, HOME and TMPDIR, the one place where it can write.
- reading and running what lies in /usr, /lib, /bin and beside the program; fonts; what `readable` names.
- standard output, at most `limits.stdout_bytes`; standard error, whose end is kept.
- no network, no sockets at all, no other files, no other processes unless `limits.processes` allows some (then their
  memory is counted together), no environment but PATH, LANG, HOME, TMPDIR. ioctl answers ENOTTY, kill and
  setsid EPERM.

What it leaves in `folder`, and its standard output, are a stranger's bytes too: give pictures to the `Sandbox`, and let
nothing else out unread. A symbolic link in `folder` may lead anywhere: open with O_NOFOLLOW, or `take_file`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from watermark.errors import RenderStopped
from watermark.limits import MIB
from watermark.walls.supervise import INPUT_FD, NOT_STARTED, Order

INPUT: Final = f"/proc/self/fd/{INPUT_FD}"
"""The name under which the program opens the file."""
MESSAGE_BYTES: Final = 8192
GRACE_SECONDS: Final = 10.0
"""The supervisor ends the program in time; the caller gives up on the supervisor this much later."""
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[2]); from watermark.walls.supervise import main; main(sys.argv[1])"
)


@dataclass(frozen=True)
class ProgramLimits:
    """For one run. Past a limit the run ends with the code beside it."""

    memory: int = 1024 * MIB
    """out_of_memory, or a failure of the program's own. Of one process; of all together where `processes` is over 1."""
    cpu_seconds: int = 300
    """timed_out."""
    wall_seconds: float = 300.0
    """timed_out."""
    folder_bytes: int = 1024 * MIB
    """too_much_output. All files in the folder together."""
    stdout_bytes: int = 64 * MIB
    """too_much_output."""
    processes: int = 1
    """Over 1, and run by root, it works as an account of its own: copy the file into `folder`, which must lie where
    anybody may go (as /tmp does)."""
    listens: bool = False
    """It may open UNIX sockets for others to come to, in its folder; still it can go to none."""


@dataclass(frozen=True)
class Finished:
    """A program that ended by itself. `exit_code` 0 is success; `messages` is the end of its standard error."""

    exit_code: int
    stdout: bytes
    messages: str
    peak_bytes: int
    cpu_seconds: float


def run(
    argv: Sequence[str],
    *,
    folder: str | Path,
    source: int | None = None,
    limits: ProgramLimits | None = None,
    readable: Sequence[str] = (),
) -> Finished:
    """Run `argv`, whose first is an absolute path. `source` is a descriptor, which stays the caller's.

    Returns when nothing of the program is left running. Raises RenderStopped: `timed_out`, `out_of_memory`,
    `too_much_output`, `crashed` (a signal), `sandbox_unavailable` (it could not be started).
    """
    limits = limits or ProgramLimits()
    ours, leash = socket.socketpair()
    with ours, leash:
        order = Order(
            [*argv],
            leash.fileno(),
            -1 if source is None else source,
            str(Path(folder).resolve()),
            [*readable],
            limits.memory,
            limits.cpu_seconds,
            limits.wall_seconds,
            limits.folder_bytes,
            limits.processes,
            limits.listens,
        )
        supervisor = _start(order)
        leash.close()
        with supervisor:
            try:
                stdout, messages = _read(supervisor, limits)
                told = _told(ours)
            finally:
                ours.close()  # the supervisor ends the program, if that has not ended
    return _judged(told, stdout, messages, limits)


def take_file(folder: str | Path, name: str, most: int) -> bytes:
    """The whole of a file that the program has left, if it is a plain file of at most `most` bytes.

    Raises RenderStopped (`bad_answer`).
    """
    with open_file(folder, name, most) as file:
        return file.read()


def open_file(folder: str | Path, name: str, most: int) -> BinaryIO:
    """A file that the program has left, open for reading, if it is a plain one of at most `most` bytes. The caller closes it.

    Raises RenderStopped (`bad_answer`).
    """
    try:
        opened = os.open(Path(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise RenderStopped(code="bad_answer") from fault
    told = os.fstat(opened)
    if not stat.S_ISREG(told.st_mode) or told.st_size > most:
        os.close(opened)
        raise RenderStopped(code="bad_answer")
    return os.fdopen(opened, "rb")


def _start(order: Order) -> subprocess.Popen[bytes]:
    passed = [order.leash, *([order.source] if order.source >= 0 else [])]
    root = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-I", "-S", "-c", _START, order.to_json(), root]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        pass_fds=passed,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        start_new_session=True,
    )


def _read(supervisor: subprocess.Popen[bytes], limits: ProgramLimits) -> tuple[bytes, bytes]:
    """Standard output and the end of standard error, until both are closed."""
    until = time.monotonic() + limits.wall_seconds + GRACE_SECONDS
    out, messages = bytearray(), bytearray()
    assert supervisor.stdout is not None and supervisor.stderr is not None  # noqa: S101 - asked for above
    with selectors.DefaultSelector() as waiting:
        waiting.register(supervisor.stdout, selectors.EVENT_READ, out)
        waiting.register(supervisor.stderr, selectors.EVENT_READ, messages)
        while waiting.get_map():
            ready = waiting.select(until - time.monotonic())
            if not ready:
                supervisor.kill()
                raise RenderStopped(code="timed_out")
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                key.data.extend(piece)
                if not piece:
                    waiting.unregister(key.fileobj)
            if len(out) > limits.stdout_bytes:
                raise RenderStopped(code="too_much_output")
            del messages[:-MESSAGE_BYTES]
    return bytes(out), bytes(messages)


def _told(ours: socket.socket) -> dict[str, float | str]:
    """What the supervisor tells of the end."""
    ours.settimeout(GRACE_SECONDS)
    try:
        told = json.loads(ours.recv(4096))
    except (OSError, ValueError) as fault:
        raise RenderStopped(code="crashed") from fault
    if not isinstance(told, dict):
        raise RenderStopped(code="crashed")
    return told


def _judged(told: dict[str, float | str], stdout: bytes, messages: bytes, limits: ProgramLimits) -> Finished:
    stopped, code = str(told["stopped"]), int(told["exit"])
    peak, cpu = int(told["peak"]), float(told["cpu"])
    if stopped:
        raise RenderStopped(code={"too_many_processes": "out_of_memory", "cancelled": "crashed"}.get(stopped, stopped))
    words = messages.decode("utf-8", "replace")
    if code == NOT_STARTED and "could not be started" in words:
        raise RenderStopped(code="sandbox_unavailable")
    if code == -signal.SIGXCPU or (code < 0 and cpu >= limits.cpu_seconds):
        raise RenderStopped(code="timed_out")
    if code == -signal.SIGXFSZ:
        raise RenderStopped(code="too_much_output")
    if code < 0:
        raise RenderStopped(code="out_of_memory" if peak >= limits.memory * 9 // 10 else "crashed")
    return Finished(code, stdout, words, peak, cpu)

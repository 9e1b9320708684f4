"""Promise 24 for outside programs: tried from inside one that runs as ffmpeg does, and as LibreOffice does. Then without Landlock, and
without the filter: what that wall alone stops goes through, so this test fails when a wall is removed."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from watermark import confined_program
from watermark.confined_program import ProgramLimits, run
from watermark.limits import MIB
from watermark.walls.syscalls import this_machine

SYSTEMS = Path("/usr/bin/python3")
PYTHON = str(SYSTEMS if SYSTEMS.exists() else Path(sys.executable).resolve())
"""One that an account without rights may run, as our own interpreter below root's home is not."""
LIKE_FFMPEG = ProgramLimits(memory=512 * MIB, wall_seconds=60)
LIKE_OFFICE = ProgramLimits(memory=512 * MIB, wall_seconds=60, processes=8, listens=True)
TRIES = """
import ctypes, mmap, os, socket, sys
secret, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
def fork():
    one = os.fork()
    if one == 0:
        os._exit(0)
    os.waitpid(one, 0)
def run():
    one = os.fork()
    if one == 0:
        try:
            os.execv(outside, [outside])
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) == 0
outside = secret + "/program"
tries = {
    "open": lambda: open(secret + "/words").read(),
    "listdir": lambda: os.listdir(secret),
    "write": lambda: open(secret + "/new", "w").write("x"),
    "unlink": lambda: os.unlink(secret + "/victim"),
    "exec": run,
    "connect": lambda: socket.create_connection(("127.0.0.1", port), 5),
    "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "fork": fork,
    "ptrace": lambda: call(PTRACE, 0x4206, pid, 0, 0),
    "kill": lambda: os.kill(pid, 0),
    "memfd": lambda: os.memfd_create("x"),
    "io_uring": lambda: call(IO_URING, 1, ctypes.create_string_buffer(120)),
    "2 GiB": lambda: mmap.mmap(-1, 2 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
}
through = []
for name, attempt in tries.items():
    try:
        attempt()
        through.append(name)
    except (OSError, AssertionError, ValueError):
        pass
print(",".join(through))
"""
FILES = {"open", "listdir", "write", "unlink"}


@pytest.fixture
def place() -> Iterator[Path]:
    """Two folders where anybody may go and write, but for the walls: the program's own, and one with what is to be stolen."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        for name in ("own", "theirs"):
            (Path(made) / name).mkdir(mode=0o777)
            (Path(made) / name).chmod(0o777)
        for name in ("words", "victim"):
            (Path(made) / "theirs" / name).write_text("x")
        program = Path(made) / "theirs" / "program"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def through(place: Path, limits: ProgramLimits, port: int) -> set[str]:
    machine = this_machine()
    assert machine is not None
    calls = {"PTRACE": machine.numbers["ptrace"], "IO_URING": machine.numbers["io_uring_setup"]}
    script = "".join(f"{name} = {number}\n" for name, number in calls.items()) + TRIES
    told = [str(place / "theirs"), str(port), str(os.getpid())]
    program = [PYTHON, "-I", "-S", "-c", script, *told]
    done = run(program, folder=place / "own", limits=limits, readable=[sys.base_prefix])
    assert done.exit_code == 0, done.messages
    return set(done.stdout.decode().strip().split(",")) - {""}


@pytest.mark.parametrize(
    ("limits", "may"), [(LIKE_FFMPEG, set()), (LIKE_OFFICE, {"fork"})], ids=["like ffmpeg", "like LibreOffice"]
)
def test_promise_24_no_program_gets_more_than_it_needs(
    place: Path, port: int, limits: ProgramLimits, may: set[str]
) -> None:
    found = through(place, limits, port)
    print(sorted(found))
    assert found == may
    assert (place / "theirs" / "victim").exists() and not (place / "theirs" / "new").exists()


@pytest.mark.parametrize("limits", [LIKE_FFMPEG, LIKE_OFFICE], ids=["like ffmpeg", "like LibreOffice"])
@pytest.mark.parametrize(
    ("wall", "harm", "opens"),
    [
        ("Landlock", "s.landlock.restrict = lambda *_: None", FILES),
        ("the filter", "s.kernel.install_filter = lambda *_: None", {"socket", "memfd"}),
        ("limits", "s.limit = lambda *_: None", {"2 GiB"}),
    ],
)
def test_without_a_wall_what_it_alone_stops_goes_through(
    place: Path,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    limits: ProgramLimits,
    wall: str,
    harm: str,
    opens: set[str],
) -> None:
    start = "import sys; sys.path.insert(0, sys.argv[2]); import watermark.walls.supervise as s; "
    monkeypatch.setattr(confined_program, "_START", f"{start}{harm}; s.main(sys.argv[1])")
    found = through(place, limits, port)
    print(wall, sorted(found))
    assert opens <= found

"""Outside programs do their work and nothing else; however they behave, nothing of them is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watermark.test_sandbox import gone
from watermark import RenderStopped
from watermark.confined_program import INPUT, ProgramLimits, run, take_file
from watermark.limits import MIB

MANY = ProgramLimits(processes=8)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where anybody may go: run by root, a program that starts others has an account of its own."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def shell(script: str, folder: Path, limits: ProgramLimits | None = None, source: int | None = None) -> tuple[int, str]:
    done = run(["/bin/sh", "-c", script], folder=folder, limits=limits, source=source)
    return done.exit_code, done.stdout.decode()


def code_of(script: str, folder: Path, limits: ProgramLimits) -> str:
    with pytest.raises(RenderStopped) as caught:
        shell(script, folder, limits)
    return caught.value.code


def test_it_reads_its_file_and_writes_in_its_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(b"words")
    with (tmp_path / "original").open("rb") as file:
        file.seek(3)
        assert shell(
            f"while read -r x; do :; done < {INPUT}; echo $x > out; echo done", folder, None, file.fileno()
        ) == (
            0,
            "done\n",
        )
        assert file.tell() == 3
    assert take_file(folder, "out", 100) == b"words\n"


def test_nothing_else_can_be_read_or_written(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for path in (secret, "/etc/shadow", "/proc/1/environ", f"/proc/{os.getpid()}/environ", "/etc/hostname"):
        status, told = shell(f"read -r x < {path}; echo got $x", folder)
        assert "got" not in told or told == "got\n", path
        assert status == 2 or told == "got\n"
    assert shell(f"echo x > {secret}", folder)[0] == 2
    assert shell(f"echo x > {tmp_path}/new; echo x > /tmp/should-not-be", folder)[0] == 2
    assert secret.read_text() == "secret" and not (tmp_path / "new").exists()


def test_the_environment_has_no_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLPAID_SECRET_KEYS", "hunter2")
    told = run(["/usr/bin/env"], folder=folder).stdout.decode()
    assert {line.partition("=")[0] for line in told.splitlines()} <= {"PATH", "LANG", "HOME", "TMPDIR"}


def test_one_program_starts_no_other(folder: Path) -> None:
    assert shell("/usr/bin/true; echo on", folder)[0] == 2
    assert shell("/usr/bin/true; echo on", folder, MANY) == (0, "on\n")


@pytest.mark.parametrize(
    ("script", "limits", "code"),
    [
        ("while :; do :; done", ProgramLimits(wall_seconds=0.6), "timed_out"),
        ("while :; do :; done", ProgramLimits(cpu_seconds=1), "timed_out"),
        ("while :; do echo yes; done", ProgramLimits(stdout_bytes=MIB), "too_much_output"),
        ("while :; do echo yes; done > out", ProgramLimits(folder_bytes=MIB), "too_much_output"),
        ("x=0123456789; while :; do x=$x$x; done", ProgramLimits(memory=64 * MIB), ""),
        ("for i in 1 2 3 4 5 6 7 8 9 10 11; do /bin/sleep 60 & done; wait", MANY, "out_of_memory"),
    ],
)
def test_what_goes_too_far_is_ended(folder: Path, script: str, limits: ProgramLimits, code: str) -> None:
    if code:
        assert code_of(script, folder, limits) == code
    else:  # the shell itself says that it got no more, and fails
        assert shell(script, folder, limits)[0] == 2


def test_it_cannot_multiply_without_end(folder: Path) -> None:
    """The kernel itself stops it: the supervisor's looking comes too late for a program that doubles itself."""
    script = "i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); echo $i > count; done; sleep 20"
    with pytest.raises(RenderStopped) as caught:
        status, _ = shell(script, folder, ProgramLimits(processes=2, wall_seconds=30))
        raise RenderStopped(code="out_of_memory" if status == 2 else "crashed")  # "Cannot fork", before we looked
    assert caught.value.code == "out_of_memory"
    assert int((folder / "count").read_text() or 0) < 2 * 32


def test_what_it_leaves_behind_is_ended_too(folder: Path) -> None:
    script = "sleep 300 & echo $!; setsid sleep 300 & echo $!; exit 0"
    status, told = shell(script, folder, MANY)
    assert status == 0 and len(told.split()) == 2
    assert all(gone(int(pid)) for pid in told.split())


def test_no_orphan_after_kill_9_of_the_caller(folder: Path) -> None:
    script = f"""
import sys
from watermark.confined_program import *
run(["/bin/sh", "-c", "echo $$ > pid; sleep 300 & sleep 300"], folder={str(folder)!r}, limits=ProgramLimits(processes=4))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as caller:
        try:
            until = time.monotonic() + 30
            while not (folder / "pid").exists() or not (folder / "pid").read_text():
                assert time.monotonic() < until
                time.sleep(0.02)
            group = int((folder / "pid").read_text())
        finally:
            caller.kill()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("it went on")


TALKS = """
import socket
def tried(what, do):
    try:
        do()
        print(what, end=" ")
    except PermissionError:
        print("no", end=" ")
def listen():
    place = socket.socket(socket.AF_UNIX)
    place.bind("here")
    place.listen()
tried("listens", listen)
tried("goes", lambda: socket.socket(socket.AF_UNIX).connect("here"))
tried("internet", lambda: socket.socket(socket.AF_INET))
"""


@pytest.mark.parametrize(("listens", "said"), [(True, "listens no no "), (False, "no no no ")])
def test_a_program_may_listen_in_its_folder_and_go_nowhere(folder: Path, *, listens: bool, said: str) -> None:
    program = [os.path.realpath(sys.executable), "-I", "-S", "-c", TALKS]
    done = run(program, folder=folder, limits=ProgramLimits(listens=listens), readable=[sys.base_prefix])
    assert (done.stdout.decode(), done.exit_code) == (said, 0), done.messages


def test_a_program_that_is_not_there(folder: Path) -> None:
    with pytest.raises(RenderStopped) as caught:
        run(["/usr/bin/no-such-program"], folder=folder)
    assert caught.value.code == "sandbox_unavailable"


def test_only_plain_files_of_a_right_size_are_taken(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "large").write_bytes(b"x" * 100)
    os.mkfifo(folder / "pipe")
    for name in ("link", "large", "pipe", "none", "."):
        with pytest.raises(RenderStopped) as caught:
            take_file(folder, name, 99)
        assert caught.value.code == "bad_answer"
    assert take_file(folder, "large", 100) == b"x" * 100

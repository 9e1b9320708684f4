"""The real server as a process of its own, to be measured, starved and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Self

from tests.faults.spawner import ROOT, Spawned, Spawner

STARTS_WITHIN = 60.0
Running = subprocess.Popen[bytes] | Spawned


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``python -m service serve`` over ``data_dir``. In a ``with`` block it is stopped at the end."""

    def __init__(
        self,
        data_dir: Path,
        *,
        worker: bool = True,
        environ: dict[str, str] | None = None,
        spawner: Spawner | None = None,
    ) -> None:
        self.data_dir, self.port, self._spawner = data_dir, free_port(), spawner
        self.log = data_dir.with_name(f"{data_dir.name}.log")
        self._worker, self.environ = worker, environ or {}
        self._process: Running | None = None
        self.seconds_to_start = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns at once; :meth:`wait` returns when the server takes connections."""
        arguments = ["serve", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        self._began = time.monotonic()
        self._process = self.run(*arguments, *([] if self._worker else ["--no-worker"]))

    def run(self, *arguments: str, environ: dict[str, str] | None = None, log: Path | None = None) -> Running:
        """Starts ``tillpaid`` with these arguments, in the server's environment unless another is given."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TILLPAID_")}
        whole = {**kept, **(self.environ if environ is None else environ)}
        if self._spawner:
            return self._spawner.start([*arguments], whole, log or self.log)
        with (log or self.log).open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "service", *arguments],
                cwd=ROOT,
                env=whole,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def wait(self) -> None:
        while time.monotonic() < self._began + STARTS_WITHIN:
            assert self._process is not None
            assert self._process.poll() is None, f"the server ended by itself:\n{self.tail()}"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                self.seconds_to_start = time.monotonic() - self._began
                return
        raise AssertionError(f"the server did not start within {STARTS_WITHIN} s:\n{self.tail()}")

    def kill(self, *, with_all_below: bool = False) -> None:
        """SIGKILL: no handler runs, nothing is flushed. ``with_all_below``: as when a container ends."""
        assert self._process is not None
        if with_all_below and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """As an operator stops it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def descendants(self) -> dict[int, str]:
        """Process id to start time (clock ticks since boot) of every process below the server's."""
        parents: dict[int, tuple[int, str]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and (fields := _stat(entry)):
                parents[int(entry.name)] = (int(fields[1]), fields[19])
        found: dict[int, str] = {}
        below = {self.pid}
        while below:
            below = {child for child, (parent, _) in parents.items() if parent in below}
            found |= {child: parents[child][1] for child in below}
        return found

    def peak_memory(self) -> int:
        """The most resident memory the server itself ever had, in bytes."""
        return _status(self.pid, "VmHWM")

    def __enter__(self) -> Self:
        self.start()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def still_alive(processes: dict[int, str]) -> list[int]:
    """Those of the processes that still run (a zombie does not)."""
    return [
        pid
        for pid, started in processes.items()
        if (fields := _stat(Path(f"/proc/{pid}"))) and fields[19] == started and fields[0] != "Z"
    ]


def _stat(entry: Path) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, from the state on; empty when the process is gone."""
    try:
        return (entry / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _status(pid: int, name: str) -> int:
    lines: IO[str]
    with Path(f"/proc/{pid}/status").open() as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))

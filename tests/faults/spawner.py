"""Starts the real program again and again without paying for its imports each time: a process with one thread that has
everything imported and forks. Each child becomes a session of its own and runs ``tillpaid``'s own entry point to its end.

``python -m tests.faults.spawner`` reads orders (one JSON a line) and answers each with a number: the child's process id,
or, asked about a child, its exit status (-1: it still runs).
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
RUNNING = -1
LATE = (
    "alembic.command", "alembic.runtime.migration", "alembic.script", "alembic.ddl.postgresql", "alembic.ddl.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite", "uvicorn.lifespan.on", "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto", "procrastinate", "psycopg_pool", "boto3",
    "service.jobs.backends.schema", "storage.backends.s3",
)  # fmt: skip
"""What the program imports only when it needs it."""


class Spawned:
    """A child of the spawner, as far as ``subprocess.Popen`` is asked for here."""

    def __init__(self, spawner: Spawner, pid: int) -> None:
        self._spawner, self.pid = spawner, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            said = self._spawner.ask(about=self.pid)
            self.returncode = None if said == RUNNING else said
        return self.returncode

    def wait(self, timeout: float = 120.0) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.005)
        return code

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.poll() is None:  # not waited for yet, so the number is still this child's
            os.kill(self.pid, number)


class Spawner:
    """The parent. In a ``with`` block it is ended at the end, and what it started goes on."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.spawner"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def start(self, arguments: list[str], environ: dict[str, str], log: Path) -> Spawned:
        """``tillpaid`` with these arguments and no other environment; what it says is added to ``log``."""
        return Spawned(self, self.ask(arguments=arguments, environ=environ, log=str(log)))

    def ask(self, **order: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._guard:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def orders() -> dict[str, Any] | None:
    """Serves orders until there are no more (None). In each child it returns that child's order."""
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        if "about" in order:
            ended, status = os.waitpid(order["about"], os.WNOHANG)
            said = os.waitstatus_to_exitcode(status) & 0xFF if ended else RUNNING
        else:
            said = os.fork()
            if not said:
                return dict(order)
        os.write(1, b"%d\n" % said)
    return None


def become(order: dict[str, Any]) -> None:
    """Leaves everything of the spawner behind but its modules."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["tillpaid", *order["arguments"]]


def preload() -> None:
    """Everything the program would import."""
    from service import cli, discovery

    for name in ("models", "api", "pages", "jobs", "cli", "panels", "doctor", "greeting"):
        list(discovery.modules(name))
    for name in LATE:
        import_module(name)
    assert cli.group.commands
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a fork copies one thread only"
    gc.freeze()


if __name__ == "__main__":
    preload()
    order = orders()
    if order is not None:
        become(order)
        from service.cli import main

        main()

"""Backups by the command line while the server works, until one of the two is killed, or both."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

from service.settings import load
from service.vault import manifest
from service.vault.snapshot import is_empty
from service.wiring import Wiring
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Running, Server

Empty = Callable[[bool], AbstractContextManager[tuple[Path, dict[str, str]]]]
"""An empty installation's data directory and environment; asked whether its store is of the same kind."""
REFUSED = "is no whole backup"


class Backups:
    """Backups of the server's installation, each into the same folder."""

    def __init__(self, server: Server, empty: Empty) -> None:
        self._server, self._empty = server, empty
        self.folder = server.data_dir.with_name(f"{server.data_dir.name}-backup")
        self._log = self.folder.with_suffix(".log")
        self._process: Running | None = None
        self._began, self._doomed = 0.0, True
        self._known, self._taken_at = [Ledger(), Ledger()], ""
        self.seconds = 0.7
        self.killed = self.untouched = self.refused = self.restored = 0

    def begin(self, ledger: Ledger) -> None:
        """Starts one; what the ledger holds now must be in it."""
        self._known[1], self._began = ledger.so_far(), time.monotonic()
        self._process = self._run(self._server.data_dir, "backup")
        self._doomed = random.random() < 2 / 3

    def die(self) -> None:
        """SIGKILL for two of three; the third goes on without its server."""
        assert self._process is not None
        if self._doomed and self._process.poll() is None:
            self._process.kill()
            self.killed += 1

    def check(self) -> None:
        """A backup that came to its end is restored and looked at; any other is refused."""
        assert self._process is not None
        code = self._process.wait(300)
        assert self._doomed or code == 0, self._said()
        if code == 0:
            self.seconds = 0.8 * self.seconds + 0.2 * (time.monotonic() - self._began)
        if (self.folder / manifest.NAME).exists():
            self._restore_and_look(same=False)
        else:
            assert code != 0
            self._refuse()

    def last(self, ledger: Ledger) -> None:
        """One that nobody kills, over what the others left; restored into a store of the same kind."""
        self.begin(ledger)
        self._doomed = False
        assert self._process is not None
        assert self._process.wait(300) == 0, self._said()
        self._restore_and_look(same=True)

    def _refuse(self) -> None:
        with self._empty(False) as (data, environ):
            assert self._run(data, "restore", environ).wait(300) == 1, self._said()
            assert REFUSED in self._said()
            with closing(Wiring(load(environ, data_dir=data))) as wiring:
                assert is_empty(wiring.db)
                assert list(wiring.store.list()) == []
        self.refused += 1

    def _restore_and_look(self, *, same: bool) -> None:
        """What the folder holds is this backup, or the one before when this one was killed before it touched anything."""
        if (taken_at := manifest.read(self.folder).taken_at) != self._taken_at:
            self._taken_at, self._known[0] = taken_at, self._known[1]
        else:
            assert self._doomed
            self.untouched += 1
        with self._empty(same) as (data, environ):
            assert self._run(data, "restore", environ).wait(300) == 0, self._said()
            with closing(Wiring(load(environ, data_dir=data))) as wiring:
                found = Look(wiring).faults(self._known[0], everything=True)
                assert found == [], found
        self.restored += 1

    def _run(self, data: Path, command: str, environ: dict[str, str] | None = None) -> Running:
        self._log.unlink(missing_ok=True)
        return self._server.run("--data-dir", str(data), command, str(self.folder), environ=environ, log=self._log)

    def _said(self) -> str:
        return self._log.read_text(errors="replace")

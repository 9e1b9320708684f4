"""One installation whose server is killed again and again at work, and looked at behind its back each time."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from service.accounts import repository as accounts
from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.accounts.who import Who
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from storage.backends.s3 import S3Store
from storage.blobstore import Sweeps
from storage.s3.partials import PARTIAL
from storage.s3.place import INCOMING
from tests.faults.backups import Backups
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Server, still_alive
from tests.faults.studio import Studio, pay_without_end, start, upload_pictures, upload_without_end

EMAIL = "faults@example.com"
AFAR = 1.5
"""How much longer a server over PostgreSQL and S3 lives: what it does takes longer."""
ORPHANS_END_WITHIN = 60.0
INGEST_ENDS_WITHIN = 300.0
WHOLE_LOOK_EVERY = 10
CONTAINERS = 0.75
"""How often everything below the server is killed with it; else it ends by itself, once it notices."""

KINDS: dict[str, tuple[list[Callable[[Studio, str], None]], float]] = {
    "upload": ([upload_without_end, upload_without_end], 0.5),
    "ingest": ([upload_pictures, upload_pictures], 1.6),
    "release": ([pay_without_end, pay_without_end], 0.6),
    "backup": ([upload_pictures, pay_without_end], 0.0),
}
"""What is going on when the server dies, and the most seconds it lives from there (a backup: about as long as one takes)."""


@contextmanager
def placed(data: Path, environ: dict[str, str]) -> Iterator[tuple[Wiring, str]]:
    """A data directory with one studio, its wiring for looking, and the studio's API token."""
    wiring = Wiring(load(environ, data_dir=data))
    migrate(wiring.db)
    with wiring.db.write() as tx:
        who = create_studio(tx, wiring, email=EMAIL)
        secret = create_api_token(tx, wiring, Who(who.member, accounts.studio(tx, who.studio.id)), "faults")
    yield wiring, secret
    wiring.close()


@dataclass
class Tally:
    """What was tried in all, and what held."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    started: list[float] = field(default_factory=list)
    outlived: list[float] = field(default_factory=lambda: [0.0])
    began: float = field(default_factory=time.monotonic)

    def said(self) -> str:
        """In one paragraph; nobody comes here when anything was lost."""
        of = self.counts
        return (
            f"{self.kinds.total()} kills ({', '.join(f'{count} in {kind}' for kind, count in self.kinds.items())}) in "
            f"{time.monotonic() - self.began:.0f} s, {of['lives']} installations; acknowledged: {of['assets']} assets, "
            f"{of['payments']} payments, {of['releases']} releases; lost 0, halved 0, released twice 0; backups killed "
            f"{of['killed']} ({of['untouched']} before they began), refused {of['refused']}, restored and looked at "
            f"{of['restored']}; previews "
            f"{of['ready']} ready, {of['card']} cards, {of['revived']} asked for again; start-up {min(self.started):.1f} to "
            f"{max(self.started):.1f} s; children seen gone {max(self.outlived):.1f} s after the server at most"
        )


class Life:
    """One installation, from its first kill to its last look."""

    def __init__(self, wiring: Wiring, token: str, server: Server, backups: Backups, tally: Tally) -> None:
        self.wiring, self.token, self.server, self.backups, self.tally = wiring, token, server, backups, tally
        self.ledger, self.look = Ledger(), Look(wiring)
        self.slower = 1.0 if wiring.db.is_sqlite else AFAR
        self._orphans: list[tuple[float, dict[int, str]]] = []

    def run(self, rounds: int) -> None:
        """That many kills, and everything looked at in the end."""
        self.server.start()
        try:
            for turn in range(rounds):
                self._die(list(KINDS)[turn % len(KINDS)], whole=turn % WHOLE_LOOK_EVERY == 0)
            self._survive()
        finally:
            self.server.stop()
        states = count_states(self.wiring)
        assert set(states) == {"ready", "card"}, states
        verify = self.server.run("--data-dir", str(self.wiring.settings.data_dir), "verify-log")
        assert verify.wait(120) == 0, self.server.tail()
        assert_tidy(self.wiring)
        of = {"assets": self.ledger.assets, "payments": self.ledger.payments, "releases": self.ledger.released}
        self.tally.counts.update({name: len(acknowledged) for name, acknowledged in of.items()}, lives=1, **states)
        backups = self.backups
        self.tally.counts.update(
            killed=backups.killed, untouched=backups.untouched, refused=backups.refused, restored=backups.restored
        )

    def _die(self, kind: str, *, whole: bool) -> None:
        self.server.wait()
        self.tally.started.append(self.server.seconds_to_start)
        studio = self._studio()
        below = self._work_until_death(studio, kind)
        self.server.start()
        self.tally.kinds[kind] += 1
        assert self.look.faults(self.ledger, whole=whole) == [], f"after a kill in {kind}\n{self.server.tail()}"
        self._orphans.append((time.monotonic(), below))
        self._count_orphans()
        if kind == "backup":
            self.backups.check()

    def _count_orphans(self) -> None:
        """The processes below a dead server end by themselves; nobody waits for that before the next is killed."""
        for began, below in list(self._orphans):
            if not still_alive(below):
                self.tally.outlived.append(time.monotonic() - began)
                self._orphans.remove((began, below))
            else:
                assert time.monotonic() < began + ORPHANS_END_WITHIN, commands_of(still_alive(below))

    def _studio(self) -> Studio:
        """At the living server; it sends again the payments that were not answered, as a careful program does."""
        studio = Studio(self.server.port, self.token, self.ledger)
        again, self.ledger.unanswered = self.ledger.unanswered, []
        for sent in again:
            studio.pay(sent)
        return studio

    def _work_until_death(self, studio: Studio, kind: str) -> dict[int, str]:
        """Work of this kind, and a kill in the middle of it; the processes that lived below the server."""
        works, longest = KINDS[kind]
        delivery_id = studio.delivery()
        if kind == "backup":
            self.backups.begin(self.ledger)
        threads = [start(lambda work=work: work(studio, delivery_id)) for work in works]
        time.sleep(random.random() * (longest * self.slower or 1.2 * self.backups.seconds))
        below = self.server.descendants()
        if kind == "backup":
            self.backups.die()
        self.server.kill(with_all_below=random.random() < CONTAINERS)
        for thread in threads:
            thread.join()
        return below

    def _survive(self) -> None:
        """The last server of all works as if nothing had been."""
        self.server.wait()
        while self._orphans:
            self._count_orphans()
            time.sleep(0.05)
        studio = self._studio()
        upload_pictures(studio, studio.delivery())  # on a slow machine nothing else may have been whole
        studio.upload(studio.delivery(), ("last.bin", b"the last one"))
        self.tally.counts["revived"] += until_ingested(self.wiring)
        assert self.look.faults(self.ledger, everything=True) == []
        self.backups.last(self.ledger)


def gone(below: dict[int, str]) -> float:
    """Waits until the processes below the dead server have ended by themselves; how many seconds that took."""
    began = time.monotonic()
    while left := still_alive(below):
        assert time.monotonic() < began + ORPHANS_END_WITHIN, commands_of(left)
        time.sleep(0.05)
    return time.monotonic() - began


def commands_of(pids: list[int]) -> list[str]:
    return [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids]


def until_ingested(wiring: Wiring) -> int:
    """Waits until every asset has come to an end: how many jobs had to be asked for again.

    The leases of the dead run out in a minute; here that minute is taken off their rows. A job whose worker vanished
    five times is given up by design; it is revived, as the studio's "try again" does.
    """
    began, revived = time.monotonic(), 0
    embedded = "UPDATE jobs SET lease_until = '2000-01-01 00:00:00.000000' WHERE state = 'running'"
    afar = "UPDATE procrastinate_workers SET last_heartbeat = '2000-01-01'"
    with wiring.db.write() as tx:
        tx.execute(text(embedded if wiring.db.is_sqlite else afar))
    while {"queued", "rendering"} & count_states(wiring).keys():
        waiting = json.dumps([count_states(wiring), wiring.queue.counts()], default=str)
        assert time.monotonic() < began + INGEST_ENDS_WITHIN, waiting
        for job_id, error in wiring.queue.errors_of("dead").items():
            assert "vanished" in error, error
            revived += wiring.queue.revive(job_id)
        time.sleep(0.2)
    return revived


def count_states(wiring: Wiring) -> dict[str, int]:
    with wiring.db.read() as tx:
        return {row[0]: row[1] for row in tx.execute(text("SELECT state, count(*) FROM assets GROUP BY 1"))}


def assert_tidy(wiring: Wiring) -> None:
    """What the dead were writing is found and cleared away."""
    assert isinstance(wiring.store, Sweeps)
    wiring.store.sweep(timedelta(0))
    if isinstance(wiring.store, S3Store):
        assert list(wiring.store.listed(INCOMING)) == []
        assert [one for one in wiring.store.unfinished() if PARTIAL not in one["Key"]] == []
        return
    assert [path for path in (wiring.settings.data_dir / "vault" / "incoming").rglob("*") if path.is_file()] == []

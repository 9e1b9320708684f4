"""Promise: what the server acknowledged survives its death. It is killed (SIGKILL) during upload, ingest and release, over
SQLite with files and over PostgreSQL with S3.

``TILLPAID_FAULT_ROUNDS`` says how often (50 and 4 by default; ``make faults`` asks for 1000 each). After each kill everything is
looked at behind the server's back while it starts again over the same folder.

What this shows is that no process death loses or halves anything. The loss of power is a matter of fsync and of
SQLite's ``synchronous=FULL``; the storage tests check the order of the former.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
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
from tests.faults.ledger import Ledger, Look, Sent
from tests.faults.server import ROOT, Server, still_alive
from tests.faults.studio import Died, Studio, pay_without_end, start, upload_pictures, upload_without_end
from tests.postgres_server import Postgres
from tests.s3_server import S3Server

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "50"))
ROUNDS_AFAR = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "4"))
EMAIL = "faults@example.com"
AFAR = 4.0
"""How much longer a server over PostgreSQL and S3 lives: what it does takes longer."""
ORPHANS_END_WITHIN = 20.0
INGEST_ENDS_WITHIN = 120.0

KINDS: dict[str, tuple[list[Callable[[Studio, str], None]], float]] = {
    "upload": ([upload_without_end, upload_without_end], 0.5),
    "ingest": ([upload_pictures, upload_pictures], 1.2),
    "release": ([pay_without_end, pay_without_end], 0.6),
}
"""What is going on when the server dies, and the most seconds it lives from there."""


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


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Wiring, str]]:
    with placed(tmp_path / "data", {}) as made:
        yield made


@pytest.mark.timeout(60 + 30 * ROUNDS)
def test_promise_19_what_was_acknowledged_survives_kill_9(place: tuple[Wiring, str]) -> None:
    killed_again_and_again(*place, Server(place[0].settings.data_dir), ROUNDS)


@pytest.mark.timeout(300 + 40 * ROUNDS_AFAR)
def test_promise_19_it_survives_on_postgresql_and_s3(tmp_path: Path, s3_server: S3Server) -> None:
    """The database with its own promises of durability on."""
    with Postgres(durable=True) as server:
        server.make_template()
        environ = {"TILLPAID_DATABASE_URL": server.create("deaths"), "TILLPAID_STORAGE_URL": s3_server.url()}
        with placed(tmp_path / "data", environ) as (wiring, token):
            killed_again_and_again(wiring, token, Server(tmp_path / "data", environ=environ), ROUNDS_AFAR)


def killed_again_and_again(wiring: Wiring, token: str, server: Server, rounds: int) -> None:
    data, ledger = wiring.settings.data_dir, Ledger()
    look, started, outlived = Look(wiring), [], [0.0]
    server.start()
    try:
        for turn in range(rounds):
            server.wait()
            started.append(server.seconds_to_start)
            studio = Studio(server.port, token, ledger)
            settle(studio)
            below = live_and_die(server, studio, list(KINDS)[turn % 3], 1 if wiring.db.is_sqlite else AFAR)
            server.start()
            assert look.faults(ledger) == [], f"after kill {turn + 1}\n{server.tail()}"
            outlived += [gone(below)]
        server.wait()
        survivor = Studio(server.port, token, ledger)
        settle(survivor)
        upload_pictures(survivor, survivor.delivery())  # on a slow machine nothing else may have been whole
        survivor.upload(survivor.delivery(), ("last.bin", b"the last one"))
        waited, revived = until_ingested(wiring)
        assert look.faults(ledger, everything=True) == []
    finally:
        server.stop()
    states = count_states(wiring)
    assert set(states) == {"ready", "card"}, states
    verify = [sys.executable, "-m", "service", "--data-dir", str(data), "verify-log"]
    subprocess.run(verify, cwd=ROOT, check=True, env={**os.environ, **server.environ})
    assert_tidy(wiring)
    where = "SQLite and files" if wiring.db.is_sqlite else "PostgreSQL and S3"
    print(
        f"\n{where}: {rounds} kills; acknowledged: {len(ledger.assets)} assets, {len(ledger.payments)} payments, "
        f"{len(ledger.released)} releases; lost 0, halved 0, released twice 0; previews {json.dumps(states)} "
        f"{waited:.0f} s after the last, {revived} of them asked for again; start-up {min(started):.1f} to {max(started):.1f} s; "
        f"children gone {max(outlived):.1f} s after the server at most"
    )


def settle(studio: Studio) -> None:
    """Sends again the payments that were not answered, as a careful program does."""
    again, studio.ledger.unanswered = studio.ledger.unanswered, []
    for sent in again:
        studio.pay(sent)


def live_and_die(server: Server, studio: Studio, kind: str, slower: float) -> dict[int, str]:
    """Work of this kind, and a kill in the middle of it; the processes that lived below the server."""
    works, longest = KINDS[kind]
    delivery_id = studio.delivery()
    threads = [start(lambda work=work: work(studio, delivery_id)) for work in works]
    time.sleep(random.random() * longest * slower)
    below = server.descendants()
    server.kill()
    for thread in threads:
        thread.join()
    return below


def gone(below: dict[int, str]) -> float:
    """Waits until the processes below the dead server have ended by themselves; how many seconds that took."""
    began = time.monotonic()
    while left := still_alive(below):
        assert time.monotonic() < began + ORPHANS_END_WITHIN, [
            Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in left
        ]
        time.sleep(0.05)
    return time.monotonic() - began


def until_ingested(wiring: Wiring) -> tuple[float, int]:
    """Waits until every asset has come to an end: how long that took, and how many jobs had to be asked for again.

    The leases of the dead run out in a minute; here that minute is taken off their rows. A job whose worker vanished
    five times is given up by design; it is revived, as the studio's "try again" does.
    """
    began, revived = time.monotonic(), 0
    embedded = "UPDATE jobs SET lease_until = '2000-01-01 00:00:00.000000' WHERE state = 'running'"
    afar = "UPDATE procrastinate_workers SET last_heartbeat = '2000-01-01'"
    with wiring.db.write() as tx:
        tx.execute(text(embedded if wiring.db.is_sqlite else afar))
    while {"queued", "rendering"} & count_states(wiring).keys():
        assert time.monotonic() < began + INGEST_ENDS_WITHIN, (count_states(wiring), wiring.queue.counts())
        for job_id, error in wiring.queue.errors_of("dead").items():
            assert "vanished" in error, error
            revived += wiring.queue.revive(job_id)
        time.sleep(0.2)
    return time.monotonic() - began, revived


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


def test_the_look_can_fail(place: tuple[Wiring, str]) -> None:
    """Each kind of loss is seen: bytes, rows, events, a second release."""
    wiring, token = place
    data, ledger = wiring.settings.data_dir, Ledger()
    look = Look(wiring)
    with Server(data, worker=False) as server:
        studio = Studio(server.port, token, ledger)
        delivery_id = studio.delivery()
        studio.upload(delivery_id, ("a.bin", b"a" * 1000))
        for ref in ("one", "two"):
            studio.pay(Sent(delivery_id, ref))
        assert (len(ledger.assets), len(ledger.payments), len(ledger.released)) == (1, 2, 1)
        assert look.faults(ledger) == []
    (key,) = [stat.key for stat in wiring.store.list("originals/")]
    with closing(sqlite3.connect(data / "tillpaid.db", isolation_level=None)) as database:

        def found(*statements: str) -> str:
            database.execute("SAVEPOINT before")
            for statement in statements:
                database.execute(statement)
            database.execute("RELEASE before")
            return "\n".join(look.faults(ledger, everything=True))

        wiring.store.put(key, [b"a" * 10], if_absent=False)
        assert "half: 10 of 1000" in found()
        wiring.store.delete(key)
        assert "bytes are not there" in found()
        assert "fault" not in found("DELETE FROM payments WHERE source_ref = 'one'")
        assert "was acknowledged and is not there" in found()
        assert "release rows, events, state (1, 1, 1), paid 22500" in found()
        assert "was changed" in found("UPDATE audit_events SET data = '{}' WHERE kind = 'release.made'")
        assert "said to be released and is not" in found("DELETE FROM releases")
        assert "refers to nothing" in found("DELETE FROM blobs")
    with pytest.raises(Died):
        Studio(server.port, token, ledger).delivery()

"""Promise: what the server acknowledged survives its death. It is killed (SIGKILL) during upload, ingest, payment and release,
and while a backup is made, over SQLite with files and over PostgreSQL with S3; the backup is killed too.

``TILLPAID_FAULT_ROUNDS`` says how often (40 and 4 by default; ``make faults`` asks for 1000 each). After each kill everything
is looked at behind the server's back while it starts again over the same folder. After ``LIFE`` kills a new installation
takes the old one's place, so that a thousand take ten times as long as a hundred.

What this shows is that no process death loses or halves anything. The loss of power is a matter of fsync and of
SQLite's ``synchronous=FULL``; the storage tests check the order of the former.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from service.wiring import Wiring
from tests.faults.backups import Backups, Empty
from tests.faults.deaths import Life, Tally, placed
from tests.faults.ledger import Ledger, Look
from tests.faults.server import Server
from tests.faults.spawner import Spawner
from tests.faults.studio import Died, Sent, Studio
from tests.postgres_server import Postgres
from tests.s3_server import S3Server

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "40"))
ROUNDS_AFAR = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "4"))
LIFE = 100
Environs = Callable[[bool], AbstractContextManager[dict[str, str]]]
"""Where an installation is to be, nothing in it yet; asked whether its objects lie in the store of the kind at hand."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Wiring, str]]:
    with placed(tmp_path / "data", {}) as made:
        yield made


@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_promise_19_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    @contextmanager
    def nearby(_same: bool) -> Iterator[dict[str, str]]:
        yield {}

    killed_again_and_again("SQLite and files", tmp_path, nearby, nearby, ROUNDS)


@pytest.mark.timeout(300 + 40 * ROUNDS_AFAR)
def test_promise_19_it_survives_on_postgresql_and_s3(tmp_path: Path, s3_server: S3Server) -> None:
    """The database with its own promises of durability on."""
    with Postgres(durable=True) as server:
        server.make_template()

        @contextmanager
        def afar(same: bool, template: str = "template0") -> Iterator[dict[str, str]]:
            name = f"deaths_{secrets.token_hex(6)}"
            stored = {"TILLPAID_STORAGE_URL": s3_server.url()} if same else {}
            yield {"TILLPAID_DATABASE_URL": server.create(name, template), **stored}
            server.drop(name)

        def made(same: bool) -> AbstractContextManager[dict[str, str]]:
            return afar(same, "tillpaid_template")

        killed_again_and_again("PostgreSQL and S3", tmp_path, made, afar, ROUNDS_AFAR)


def killed_again_and_again(where: str, folder: Path, made: Environs, bare: Environs, rounds: int) -> None:
    """``bare`` is where a backup is restored to."""
    tally = Tally()
    with Spawner() as spawner:
        for begun in range(0, rounds, LIFE):
            life = folder / f"life-{begun}"
            with made(True) as environ, placed(life / "data", environ) as (wiring, token):
                server = Server(life / "data", environ=environ, spawner=spawner)
                Life(wiring, token, server, Backups(server, emptied(life, bare)), tally).run(min(LIFE, rounds - begun))
            shutil.rmtree(life)
            print(f"\n{where}: {tally.said()}", flush=True)


def emptied(folder: Path, bare: Environs) -> Empty:
    @contextmanager
    def empty(same: bool) -> Iterator[tuple[Path, dict[str, str]]]:
        data = folder / f"restored-{secrets.token_hex(4)}"
        with bare(same) as environ:
            yield data, environ
        shutil.rmtree(data)

    return empty


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

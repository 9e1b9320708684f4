"""What the vault does by itself: everything is read once in so many days, whoever does it; what is freed is freed once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service import discovery
from service.deliveries.remove_asset import remove_asset
from service.kit.ids import new_id, spell
from service.settings import load
from service.vault import scrub_part
from service.vault.doctor import damaged
from service.vault.repository import next_of_part
from service.vault.scrub import scrub
from service.wiring import Wiring
from service.worker import Worker
from storage.backends.file import FileStore
from storage.blobstore import Unavailable
from tests.actors import drop_jobs, period
from tests.service.vault.full import Full
from tests.service.vault.test_backup import flip

DAYS = 30


@pytest.fixture(autouse=True)
def _as_it_is(wiring: Wiring, full: Full) -> None:
    """The pictures stay as they were put there: nothing is ingested."""
    drop_jobs(wiring)


def all_read(wiring: Wiring, clock: Any, monkeypatch: pytest.MonkeyPatch, days: int = DAYS) -> list[str]:
    """The keys that were read in so many days, in order."""
    read: list[str] = []
    real = scrub_part.is_sound

    def watched(store: Any, what: Any) -> str:
        read.append(what.key)
        return real(store, what)

    with monkeypatch.context() as patch:
        patch.setattr(scrub_part, "is_sound", watched)
        for _ in range(days):
            period(wiring, "vault.scrub")
            clock.move(days=1)
    return read


@pytest.mark.parametrize("seconds", [20.0, 0.0])
def test_all_is_read_once_in_thirty_days(
    wiring: Wiring, full: Full, clock: Any, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Also when each slice is over after one object."""
    monkeypatch.setattr(scrub_part, "SLICE_SECONDS", seconds)
    monkeypatch.setattr(scrub_part, "AT_ONCE", 2)
    kept = sorted(stat.key for stat in wiring.store.list())
    assert len(kept) == 9
    assert sorted(all_read(wiring, clock, monkeypatch)) == kept
    assert wiring.queue.counts()["dead"] == 0


def test_parts_are_ranges_of_ids_that_leave_nothing_out(wiring: Wiring, full: Full) -> None:
    ids = sorted(new_id("blb") for _ in range(200))
    edges = [spell("blb", 2**128 * part // 7) for part in range(8)]
    assert edges == sorted(edges)
    assert edges[0] <= ids[0] and ids[-1] < edges[-1]
    with wiring.db.read() as tx:
        found = [what.key for part in range(7) for _, what in next_of_part(tx, part, 7, "", limit=1000)]
    assert len(found) == len(set(found))


def test_promise_21_a_flipped_bit_is_found_by_itself_and_told_until_it_is_mended(
    wiring: Wiring, full: Full, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(wiring.store, FileStore)
    key = full.originals[0]
    sound = wiring.store.local_path(key).read_bytes()
    flip(wiring.store, key)
    wiring.store.delete(full.originals[1])
    all_read(wiring, clock, monkeypatch)
    told = {(found.name, found.words) for found in damaged(wiring)}
    assert told == {("changed", f"original {key}"), ("missing", f"original {full.originals[1]}")}
    wiring.store.local_path(key).write_bytes(sound)
    with wiring.db.write() as tx:
        remove_asset(
            tx, wiring, studio_id=full.who.studio.id, delivery_id=full.delivery.id, asset_id=full.assets[1], actor="m"
        )
    all_read(wiring, clock, monkeypatch)
    assert [found.name for found in damaged(wiring)] == ["missing"], "its bytes are still to be kept for a while"
    clock.now = datetime.now(UTC) + timedelta(days=100)
    period(wiring, "vault.sweep")
    all_read(wiring, clock, monkeypatch, 1)
    assert damaged(wiring) == []


def test_a_store_that_is_away_damages_nothing(wiring: Wiring, full: Full, clock: Any) -> None:
    class Away:
        def __getattr__(self, _name: str) -> Any:
            def refuse(*_: Any, **__: Any) -> Any:
                raise Unavailable("gone")

            return refuse

    there = wiring.store
    wiring.__dict__["store"] = wiring.__dict__["renditions"] = Away()
    for _ in range(DAYS):
        period(wiring, "vault.scrub")
        clock.move(days=1)
    assert damaged(wiring) == []
    wiring.__dict__["store"] = wiring.__dict__["renditions"] = there
    assert scrub(wiring).faults == []


def test_it_can_be_switched_off(wiring: Wiring, full: Full, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"TILLPAID_SCRUB_DAYS": "0", "TILLPAID_DATABASE_URL": wiring.settings.database_url}
    wiring.settings = load(environ, data_dir=wiring.settings.data_dir)
    assert all_read(wiring, clock, monkeypatch) == []


def test_several_machines_free_an_original_once(wiring: Wiring, full: Full, clock: Any) -> None:
    for asset_id in (full.assets[0], full.assets[3]):
        with wiring.db.write() as tx:
            remove_asset(
                tx, wiring, studio_id=full.who.studio.id, delivery_id=full.delivery.id, asset_id=asset_id, actor="m"
            )
    drop_jobs(wiring)
    clock.now = datetime.now(UTC) + timedelta(days=40)
    machines = [threading.Thread(target=period, args=(wiring, "vault.sweep")) for _ in range(4)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(60)
    assert not wiring.store.exists(full.originals[0])
    assert wiring.queue.counts() == {"waiting": 0, "running": 0, "done": 1, "dead": 0}
    assert scrub(wiring).faults == []


def test_every_periodic_job_ends_well_and_again(wiring: Wiring, clock: Any) -> None:
    """All of them, on all machines at once, day after day."""
    handlers = discovery.job_handlers()
    kinds = {kind for kind, handler in handlers.items() if getattr(handler, "job_every", None)}
    assert {
        "vault.scrub",
        "vault.sweep",
        "uploads.sweep",
        "shares.tidy_pictures",
        "accounts.forget",
        "jobs.sweep",
    } <= kinds
    for _ in range(3):
        machines = [Worker(wiring, handlers) for _ in range(3)]
        for machine in machines:
            machine._begin_periods()
        assert wiring.queue.counts()["waiting"] == len(kinds)
        machines[0].run_all()
        clock.move(days=1)
    assert {state: count for state, count in wiring.queue.counts().items() if state != "done"} == {
        "waiting": 0, "running": 0, "dead": 0
    }  # fmt: skip

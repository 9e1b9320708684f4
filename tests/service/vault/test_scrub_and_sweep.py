"""A flipped bit is found wherever it is; what nobody refers to is freed, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import command_line
from service.deliveries.remove_asset import remove_asset
from service.deliveries.repository import bytes_kept
from service.settings import load
from service.vault.doctor import examine
from service.vault.scrub import scrub
from service.vault.sweep import sweep
from service.wiring import Wiring
from storage.backends.file import FileStore
from storage.s3 import write
from tests.s3_server import S3Server
from tests.service.vault.full import Full, add, content, put_original
from tests.service.vault.test_backup import flip


@pytest.mark.parametrize("folder", ["originals/", "proofs/", "renditions/"])
def test_promise_21_a_scrub_finds_a_flipped_bit(wiring: Wiring, full: Full, folder: str) -> None:
    assert isinstance(wiring.store, FileStore)
    assert scrub(wiring).faults == []
    for key in sorted(stat.key for stat in wiring.store.list(folder)):
        sound = wiring.store.local_path(key).read_bytes()
        flip(wiring.store, key)
        assert [(what.key, fault) for what, fault in scrub(wiring).faults] == [(key, "changed")]
        wiring.store.local_path(key).write_bytes(sound)
    wiring.store.delete(key)
    assert [(what.key, fault) for what, fault in scrub(wiring).faults] == [(key, "missing")]


def test_the_command_ends_with_one_on_a_fault(wiring: Wiring, full: Full) -> None:
    def run(*command: str) -> Any:
        environ = {"TILLPAID_DATABASE_URL": wiring.settings.database_url}
        return CliRunner().invoke(command_line(), ["--data-dir", str(wiring.settings.data_dir), *command], env=environ)

    whole = run("doctor", "--scrub")
    assert "good  storage: scrub: read 3 originals, 2 proofs, 4 renditions: no faults\n" in whole.output
    assert isinstance(wiring.store, FileStore)
    flip(wiring.store, full.originals[0])
    assert "originals" not in run("doctor").output, "only when asked"
    found = run("doctor", "--scrub")
    assert found.exit_code == 1
    assert f"bad   storage: changed: original {full.originals[0]}\n" in found.output


def test_a_store_that_breaks_its_promise_or_is_away_is_bad(wiring: Wiring, s3_server: S3Server, tmp_path: Path) -> None:
    def states(url: str) -> list[tuple[str, str]]:
        made = Wiring(load({"TILLPAID_RENDITIONS_URL": url}, data_dir=tmp_path / "looked-at"))
        found = [(finding.name, finding.state) for finding in examine(made)]
        made.close()
        return found

    assert states(s3_server.url()) == [("vault", "good"), ("renditions", "good")]
    assert states(s3_server.url(who="nobody")) == [("vault", "good"), ("renditions", "bad")]
    assert states("gopher://x") == [("address", "bad")]
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        patch.setattr(write, "condition", lambda **_: {})
        assert states(s3_server.url()) == [("vault", "good"), ("renditions", "bad")]


def grown_old(wiring: Wiring, clock: Any) -> None:
    """Far enough ahead of the files' own times, which are today's."""
    clock.now = datetime.now(UTC) + timedelta(days=40)


def remove(wiring: Wiring, full: Full, asset_id: str) -> None:
    with wiring.db.write() as tx:
        remove_asset(
            tx, wiring, studio_id=full.who.studio.id, delivery_id=full.delivery.id, asset_id=asset_id, actor="m"
        )


def test_what_is_referred_to_stays(wiring: Wiring, full: Full, clock: Any) -> None:
    before = {stat.key for stat in wiring.store.list()}
    grown_old(wiring, clock)
    swept = sweep(wiring)
    assert (swept.freed, swept.orphans) == (0, 0)
    assert {stat.key for stat in wiring.store.list()} == before


def test_an_original_goes_when_its_last_asset_has_been_out_for_long(wiring: Wiring, full: Full, clock: Any) -> None:
    remove(wiring, full, full.assets[0])
    grown_old(wiring, clock)
    assert sweep(wiring).freed == 0, "another asset has the same bytes"
    remove(wiring, full, full.assets[3])
    assert sweep(wiring).freed == 0, "taken out just now"
    with wiring.db.read() as tx:
        kept = bytes_kept(tx, full.who.studio.id)
    clock.now += timedelta(days=31)
    swept = sweep(wiring)
    assert (swept.freed, swept.freed_bytes) == (1, len(content(1)))
    assert not wiring.store.exists(full.originals[0])
    assert wiring.store.exists(full.originals[1])
    with wiring.db.read() as tx:
        assert bytes_kept(tx, full.who.studio.id) == kept - len(content(1))
    assert [fault for what, fault in scrub(wiring).faults if what.kind == "original"] == []


def test_freed_bytes_may_come_again(wiring: Wiring, full: Full, clock: Any) -> None:
    remove(wiring, full, full.assets[2])
    grown_old(wiring, clock)
    clock.now += timedelta(days=31)
    assert sweep(wiring).freed == 1
    remove(wiring, full, full.assets[1])
    stored = put_original(wiring, full.who.studio.id, content(3))
    with wiring.db.write() as tx:
        add(tx, wiring, full.who, full.delivery, stored, "again.bin")
    assert scrub(wiring).faults == []
    assert sweep(wiring).freed == 0
    assert wiring.store.exists(stored.key)


def test_what_a_crash_left_goes_once_it_is_old(wiring: Wiring, full: Full, clock: Any) -> None:
    lost = put_original(wiring, full.who.studio.id, content(7))
    wiring.store.put("originals/std_nobody/abc", [b"x"])
    wiring.store.put("proofs/ast_gone/1", [b"y"])
    wiring.renditions.put("renditions/ast_gone/1/480/abc", [b"z"])
    clock.now = datetime.now(UTC)
    assert sweep(wiring).orphans == 0, "too young: its row may be about to come"
    grown_old(wiring, clock)
    assert sweep(wiring).orphans == 4
    assert not wiring.store.exists(lost.key)
    with pytest.raises(ValueError, match="grace"):
        sweep(wiring, grace=timedelta(minutes=1))

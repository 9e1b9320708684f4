"""Moving from disk to S3 and back: compared on the way, begun again after a kill, a fault named and nothing lost."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import command_line
from service.vault.move import move
from service.vault.scrub import scrub
from service.wiring import Wiring
from storage.backends.file import FileStore
from storage.opening import open_store
from tests.conftest import resettled
from tests.s3_server import S3Server
from tests.service.vault.full import Full, add, put_original
from tests.service.vault.test_backup import everything, flip, killed

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "4"))


def run(wiring: Wiring, *command: str) -> Any:
    environ = {"TILLPAID_DATABASE_URL": wiring.settings.database_url}
    return CliRunner().invoke(command_line(), ["--data-dir", str(wiring.settings.data_dir), *command], env=environ)


def test_there_and_back(wiring: Wiring, full: Full, s3_server: S3Server, tmp_path: Path) -> None:
    here, there, back = wiring.settings.storage, s3_server.url(), (tmp_path / "back").as_uri()
    before = everything(wiring)
    for source, target in ((here, there), (there, back)):
        done = run(wiring, "move-storage", source, target)
        assert done.exit_code == 0, done.output
        assert "Copied 9 " in done.output
    for url in (there, back):
        moved = Wiring(resettled(wiring, TILLPAID_STORAGE_URL=url))
        assert everything(moved) == before
        assert scrub(moved).faults == []
        moved.close()
    assert everything(wiring) == before, "the source stays"
    again = run(wiring, "move-storage", here, there)
    assert "Copied 0 " in again.output
    assert "there already: 9" in again.output


def test_renditions_alone(wiring: Wiring, full: Full, s3_server: S3Server) -> None:
    target = s3_server.url("renditions", "pages")
    assert "Copied 4 " in run(wiring, "move-storage", "--renditions", wiring.settings.storage, target).output
    assert {stat.key.split("/")[0] for stat in open_store(target).list()} == {"renditions"}


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_fault_is_named_and_the_rest_is_moved(wiring: Wiring, full: Full, tmp_path: Path, fault: str) -> None:
    assert isinstance(wiring.store, FileStore)
    if fault == "missing":
        wiring.store.delete(full.originals[0])
    else:
        flip(wiring.store, full.originals[0])
    done = run(wiring, "move-storage", wiring.settings.storage, (tmp_path / "to").as_uri())
    assert done.exit_code == 1
    assert f"{fault}: {full.originals[0]}" in done.output
    target = FileStore(tmp_path / "to")
    assert not target.exists(full.originals[0]), "nothing damaged gets there"
    assert len(list(target.list())) == 8


def test_what_lies_in_the_target_damaged_is_replaced(wiring: Wiring, full: Full, tmp_path: Path) -> None:
    target = FileStore(tmp_path / "to")
    target.put(full.originals[0], [b"something else"])
    target.put(full.originals[1], [b"x" * 100_002])
    moved = move(wiring, wiring.store, target, name="x")
    assert (moved.copied, moved.faults) == (9, [])
    assert {stat.key for stat in target.list()} == set(everything(wiring))


def test_promise_19_a_move_killed_at_random_moments_goes_on(wiring: Wiring, full: Full, s3_server: S3Server) -> None:
    with wiring.db.write() as tx:
        for _ in range(40):
            stored = put_original(wiring, full.who.studio.id, random.randbytes(300_000))
            add(tx, wiring, full.who, full.delivery, stored, "more.bin")
    target, chance, kills = s3_server.url(), random.Random(3), 0
    for _ in range(ROUNDS):
        if killed(["move-storage", wiring.settings.storage, target], wiring, 1 + chance.random()):
            break
        kills += 1
    assert run(wiring, "move-storage", wiring.settings.storage, target).exit_code == 0
    moved = Wiring(resettled(wiring, TILLPAID_STORAGE_URL=target))
    assert everything(moved) == everything(wiring)
    moved.close()
    print(f"{kills} kills")


def test_a_wrong_address_is_said(wiring: Wiring, full: Full) -> None:
    done = run(wiring, "move-storage", wiring.settings.storage, "gopher://x")
    assert done.exit_code == 1
    assert "unknown storage scheme" in done.output

"""Backup and restore, end to end: while others write, again into the same folder, killed, damaged, and in the wrong place."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.migrate import migrate
from service.settings import load
from service.vault import manifest
from service.vault.backup import BackupFailed, backup
from service.vault.manifest import NoBackup
from service.vault.restore import NotEmpty, restore
from service.vault.scrub import scrub
from service.vault.snapshot import is_empty
from service.wiring import Wiring
from storage.backends.file import FileStore
from tests.postgres_server import Postgres
from tests.s3_server import RENDITIONS, S3Server
from tests.service.vault.full import Full, add, content, fill, put_original

ROOT = Path(__file__).parents[3]
ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "6"))


@pytest.fixture
def other(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Wiring]:
    """An installation that is yet to be."""
    if not database:
        made = Wiring(load({}, data_dir=tmp_path / "other"))
        yield made
        made.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"other_{secrets.token_hex(6)}"
    made = Wiring(load({"TILLPAID_DATABASE_URL": server.create(name, "template0")}, data_dir=tmp_path / "other"))
    yield made
    made.close()
    server.drop(name)


def everything(wiring: Wiring) -> dict[str, bytes]:
    found = {}
    for store in wiring.stores:
        for stat in store.list():
            with store.open(stat.key) as reader:
                found[stat.key] = reader.read()
    return found


def flip(store: FileStore, key: str) -> None:
    """One bit, somewhere."""
    path = store.local_path(key)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def test_promise_21_what_was_backed_up_comes_back(wiring: Wiring, full: Full, other: Wiring, tmp_path: Path) -> None:
    report = backup(wiring, tmp_path / "backup")
    assert report.objects == {"original": 3, "proof": 2, "rendition": 4}
    assert report.left_out == 0
    done = restore(other, tmp_path / "backup")
    assert done.objects == report.objects
    assert everything(other) == everything(wiring)
    assert other.signer.current_fingerprint == wiring.signer.current_fingerprint
    assert scrub(other).faults == []
    with wiring.db.read() as before, other.db.read() as after:
        for table in ("assets", "blobs", "audit_events", "deliveries", "jobs"):
            query = f"SELECT * FROM {table} ORDER BY 1"
            assert before.connection().exec_driver_sql(query).all() == after.connection().exec_driver_sql(query).all()


def test_all_of_a_backup_is_its_owners_alone(wiring: Wiring, full: Full, tmp_path: Path) -> None:
    backup(wiring, tmp_path / "backup")
    for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_second_backup_copies_what_is_new(wiring: Wiring, full: Full, other: Wiring, tmp_path: Path) -> None:
    backup(wiring, tmp_path / "backup")
    stored = put_original(wiring, full.who.studio.id, content(9))
    with wiring.db.write() as tx:
        add(tx, wiring, full.who, full.delivery, stored, "new.bin")
    report = backup(wiring, tmp_path / "backup")
    assert stored.size <= report.copied_bytes < 2 * stored.size
    restore(other, tmp_path / "backup")
    assert everything(other) == everything(wiring)


def test_a_backup_is_of_one_moment_while_others_write(
    wiring: Wiring, full: Full, other: Wiring, tmp_path: Path
) -> None:
    stop, added = threading.Event(), [0]

    def work() -> None:
        while not stop.is_set():
            stored = put_original(wiring, full.who.studio.id, random.randbytes(50_000))
            with wiring.db.write() as tx:
                add(tx, wiring, full.who, full.delivery, stored, "more.bin")
            added[0] += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while added[0] < 3:
            time.sleep(0.01)
        report = backup(wiring, tmp_path / "backup")
    finally:
        stop.set()
        worker.join()
    assert report.objects["original"] >= 6
    restore(other, tmp_path / "backup")
    assert scrub(other).faults == []


def test_a_folder_with_other_things_is_left_alone(wiring: Wiring, full: Full, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("x")
    with pytest.raises(BackupFailed, match="thesis"):
        backup(wiring, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_lost_original_is_said_and_makes_no_backup(wiring: Wiring, full: Full, tmp_path: Path, fault: str) -> None:
    assert isinstance(wiring.store, FileStore)
    if fault == "missing":
        wiring.store.delete(full.originals[1])
    else:
        flip(wiring.store, full.originals[1])
    with pytest.raises(BackupFailed, match=f"{full.originals[1]} is {fault}"):
        backup(wiring, tmp_path / "backup")
    with pytest.raises(NoBackup):
        manifest.read(tmp_path / "backup")


def test_a_damaged_backup_is_refused_before_anything_is_written(
    wiring: Wiring, full: Full, other: Wiring, tmp_path: Path
) -> None:
    backup(wiring, tmp_path / "backup")
    flip(FileStore(tmp_path / "backup" / "vault"), full.originals[0])
    with pytest.raises(NoBackup, match="damaged"):
        restore(other, tmp_path / "backup")
    assert list(other.store.list()) == []
    assert is_empty(other.db)


def test_it_is_restored_into_an_empty_place_only(wiring: Wiring, full: Full, other: Wiring, tmp_path: Path) -> None:
    backup(wiring, tmp_path / "backup")
    with pytest.raises(NotEmpty, match="database"):
        restore(wiring, tmp_path / "backup")
    other.store.put("originals/x/y", [b"z"])
    with pytest.raises(NotEmpty, match="objects"):
        restore(other, tmp_path / "backup")
    other.store.delete("originals/x/y")
    (other.settings.data_dir / "thesis.txt").write_text("x")
    with pytest.raises(NotEmpty, match="thesis"):
        restore(other, tmp_path / "backup")


def test_another_installations_secrets_are_refused(wiring: Wiring, full: Full, other: Wiring, tmp_path: Path) -> None:
    backup(wiring, tmp_path / "backup")
    assert other.signer.current_fingerprint != wiring.signer.current_fingerprint
    with pytest.raises(NoBackup, match="another installation"):
        restore(other, tmp_path / "backup")
    assert is_empty(other.db)


def test_keys_from_the_environment_stay_there(tmp_path: Path) -> None:
    keys = {"TILLPAID_SECRET_KEYS": "0123456789abcdef0123456789abcdef"}
    first = Wiring(load(keys, data_dir=tmp_path / "first"))
    migrate(first.db)
    fill(first)
    backup(first, tmp_path / "backup")
    assert not (tmp_path / "backup" / "secret_keys").exists()
    second = Wiring(load({}, data_dir=tmp_path / "second"))
    with pytest.raises(NoBackup, match="TILLPAID_SECRET_KEYS"):
        restore(second, tmp_path / "backup")
    third = Wiring(load(keys, data_dir=tmp_path / "third"))
    restore(third, tmp_path / "backup")
    assert everything(third) == everything(first)
    for each in (first, second, third):
        each.close()


def test_a_backup_of_a_disk_is_restored_into_s3(
    wiring: Wiring, full: Full, other: Wiring, s3_server: S3Server, tmp_path: Path
) -> None:
    backup(wiring, tmp_path / "backup")
    urls = {"TILLPAID_STORAGE_URL": s3_server.url(), "TILLPAID_RENDITIONS_URL": s3_server.url(RENDITIONS, "pages")}
    there = Wiring(load({**urls, "TILLPAID_DATABASE_URL": other.settings.database_url}, data_dir=tmp_path / "there"))
    restore(there, tmp_path / "backup")
    assert everything(there) == everything(wiring)
    assert scrub(there).faults == []
    again = backup(there, tmp_path / "back")
    assert again.objects == {"original": 3, "proof": 2, "rendition": 4}
    there.close()


def killed(command: list[str], wiring: Wiring, seconds: float) -> bool:
    """Runs a command and kills it after a while; whether it was done before."""
    data = wiring.settings.data_dir
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TILLPAID_")}
    environ["TILLPAID_DATABASE_URL"] = wiring.settings.database_url
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "--data-dir", str(data), *command],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False


def test_promise_19_a_backup_killed_at_random_moments_goes_on(
    wiring: Wiring, full: Full, other: Wiring, tmp_path: Path
) -> None:
    """Backup and restore by the command line, killed again and again; in the end it is all there."""
    with wiring.db.write() as tx:
        for _ in range(60):
            stored = put_original(wiring, full.who.studio.id, random.randbytes(400_000))
            add(tx, wiring, full.who, full.delivery, stored, "more.bin")
    target, chance, kills = tmp_path / "backup", random.Random(5), 0
    for _ in range(ROUNDS):
        done = killed(["backup", str(target)], wiring, 1.0 + chance.random())
        if done or (target / manifest.NAME).exists():  # killed, but after the last thing it does
            break
        kills += 1
        with pytest.raises(NoBackup):
            restore(other, target)
    backup(wiring, target)
    for _ in range(ROUNDS):
        if done := killed(["restore", str(target)], other, 1.0 + chance.random()):
            break
        kills += 1
        assert not wiring.db.is_sqlite or is_empty(other.db)
    if not done:
        restore(other, target)
    assert everything(other) == everything(wiring)
    assert scrub(other).faults == []
    print(f"{kills} kills")

"""From a backup to a working installation: into an empty place, with the same secrets, everything compared on the way.

SQLite's database is put back last: killed before that, there is none. PostgreSQL's comes first, in one transaction, for it
must be asked what belongs to it. Either way the same command goes on after a kill.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from service.db import Database
from service.kit.tokens import Signer
from service.settings import secret_keys
from service.vault import manifest, repository, snapshot
from service.vault.backup import KEYS
from service.vault.copying import Damaged, copy, is_sound
from service.vault.manifest import NoBackup
from service.vault.repository import Expected
from service.wiring import Wiring
from storage.backends.file import FileStore
from storage.blobstore import NotFound

BEGUN = "restoring"


class NotEmpty(Exception):
    """Something is there already. The message says what."""


@dataclass
class Restored:
    """What was put back; ``missing`` pictures can be made again by *Retry*."""

    taken_at: str = ""
    objects: Counter[str] = field(default_factory=Counter)
    missing: int = 0


def restore(wiring: Wiring, folder: Path) -> Restored:
    """Puts a backup back. Raises NoBackup (none, damaged, or another installation's), NotEmpty, SnapshotFailed."""
    found = manifest.read(folder)
    if (found.database == snapshot.SQLITE) != wiring.db.is_sqlite:
        raise NoBackup("the backup is of the other kind of database: set TILLPAID_DATABASE_URL as it was")
    _check_empty(wiring, found.taken_at)
    _settle_keys(wiring, folder, found.keys)
    restored = Restored(found.taken_at)
    source = FileStore(folder / "vault")
    _check_originals(source)
    if wiring.db.is_sqlite:
        with closing(Database(f"sqlite:///{(folder / found.database).absolute()}")) as frozen:
            _put_objects(wiring, source, frozen, restored)
        snapshot.put_back(wiring.db, folder / found.database)
    else:
        if snapshot.is_empty(wiring.db):  # else an earlier try of ours came so far: it is put back in one transaction
            snapshot.put_back(wiring.db, folder / found.database)
        _put_objects(wiring, source, wiring.db, restored)
    (wiring.settings.data_dir / BEGUN).unlink(missing_ok=True)
    return restored


def _check_empty(wiring: Wiring, taken_at: str) -> None:
    """Nothing may be there but secret keys, or what an earlier try with the same backup left."""
    data = wiring.settings.data_dir
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = data / BEGUN
    begun = mark.exists() and mark.read_text() == taken_at
    if not snapshot.is_empty(wiring.db) and (wiring.db.is_sqlite or not begun):
        raise NotEmpty("there is a database already: restore into an empty place")
    if begun:
        return
    strange = sorted(path.name for path in data.iterdir() if path.name not in {KEYS, "mail", "vault"})
    if strange:
        raise NotEmpty(f"{data} is not empty ({strange[0]}): restore into an empty place")
    for store in wiring.stores:
        if next(iter(store.list()), None) is not None:
            raise NotEmpty("there are objects in the store already: restore into an empty place")
    mark.write_text(taken_at)


def _settle_keys(wiring: Wiring, folder: Path, wanted: list[str]) -> None:
    """The keys of the backup, here already or brought along; others would leave every link and mark dead."""
    mine, brought = wiring.settings.data_dir / KEYS, folder / KEYS
    if not wiring.settings.secret_keys and not mine.exists():
        if not brought.exists():
            raise NoBackup("the backup holds no keys: set TILLPAID_SECRET_KEYS as it was when it was taken")
        mine.touch(mode=0o600)
        shutil.copyfile(brought, mine)
    have = {Signer.fingerprint(key) for key in secret_keys(wiring.settings)}
    if not set(wanted) <= have:
        raise NoBackup("the backup is another installation's: its secret keys are not those that are set here")


def _check_originals(source: FileStore) -> None:
    """Before anything is written: every original in the backup is what its key says, which ends with its digest."""
    for stat in source.list("originals/"):
        fault = is_sound(source, Expected(stat.key, "original", stat.key.rpartition("/")[2], stat.size))
        if fault:
            raise NoBackup(f"the backup is damaged: the original {stat.key} is {fault}")


def _put_objects(wiring: Wiring, source: FileStore, names: Database, restored: Restored) -> None:
    """Copies every object that the database ``names``; a picture that the backup lacks is counted."""
    with names.read() as tx:
        for what in repository.expected(tx):
            try:
                copy(source, wiring.store_of(what.key), what)
                restored.objects[what.kind] += 1
            except (NotFound, Damaged):
                if what.kind == "original":
                    raise NoBackup(f"the backup is damaged: the original {what.key} is missing") from None
                restored.missing += 1

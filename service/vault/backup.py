"""A backup in a folder, taken while the server serves.

First the database, as it is at one moment; then every object that this copy refers to. Originals are never changed
and are deleted only long after their rows say so, so what the copy names is there. A picture that was replaced or removed
meanwhile is left out: it can be made again. A second backup into the same folder copies only what is new.

``backup.json`` is written last. Killed at any moment, the folder is no backup, and the next run goes on.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from service.db import Database
from service.kit.tokens import Signer
from service.settings import secret_keys
from service.vault import manifest, repository, snapshot
from service.vault.copying import Damaged, copy
from service.vault.manifest import Manifest
from service.vault.repository import Expected
from service.wiring import Wiring
from storage.backends.file import FileStore
from storage.blobstore import NotFound

KEYS = "secret_keys"
_SUFFIX = re.compile(r"\.part$|(\.part)?-(wal|shm|journal)$")


class BackupFailed(Exception):
    """Nothing in the folder may be relied on. The message says why."""


@dataclass
class Report:
    """What was done. ``left_out``: pictures that were replaced or removed meanwhile."""

    objects: Counter[str] = field(default_factory=Counter)
    copied_bytes: int = 0
    left_out: int = 0


def backup(wiring: Wiring, folder: Path) -> Report:
    """Makes ``folder`` a backup of now. Raises BackupFailed when an original is missing or damaged, SnapshotFailed, and
    the stores' own errors."""
    _make(folder)
    manifest.remove(folder)
    name = snapshot.take(wiring.db, folder)
    _keep_keys(wiring, folder)
    report, target = Report(), FileStore(folder / "vault")
    for what in _expected(wiring, folder / name):
        try:
            report.copied_bytes += copy(wiring.store_of(what.key), target, what)
            report.objects[what.kind] += 1
        except (NotFound, Damaged) as error:
            if what.kind == "original":
                raise BackupFailed(
                    f"the original {what.key} is {_word(error)}: run `tillpaid doctor --scrub`"
                ) from error
            report.left_out += 1
    keys = [Signer.fingerprint(key) for key in secret_keys(wiring.settings)]
    manifest.write(folder, Manifest(wiring.clock().isoformat(), name, keys, dict(report.objects)))
    return report


def _word(error: Exception) -> str:
    return "damaged" if isinstance(error, Damaged) else "missing"


def _make(folder: Path) -> None:
    """Only a new folder, an empty one, or one that a backup was begun in before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {"vault", KEYS, manifest.NAME, snapshot.SQLITE, snapshot.POSTGRES}
    strange = {_SUFFIX.sub("", path.name) for path in folder.iterdir()} - ours
    if strange:
        raise BackupFailed(f"{folder} holds other things ({min(strange)}): name a new or an empty folder")


def _keep_keys(wiring: Wiring, folder: Path) -> None:
    """The keys, if they lie in the data directory; those from the environment are kept by who set them."""
    source = wiring.settings.data_dir / KEYS
    if wiring.settings.secret_keys or not source.exists():
        (folder / KEYS).unlink(missing_ok=True)
        return
    part = folder / f"{KEYS}.part"
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    shutil.copyfile(source, part)
    snapshot.settle(part, folder / KEYS)


def _expected(wiring: Wiring, copied: Path) -> Iterator[Expected]:
    """What the copy of the database refers to. A PostgreSQL dump can't be asked: there the live one is, which knows
    of everything in the dump that was not freed since."""
    if not wiring.db.is_sqlite:
        with wiring.db.read() as tx:
            yield from repository.expected(tx)
        return
    with closing(Database(f"sqlite:///{copied.absolute()}")) as frozen, frozen.read() as tx:
        yield from repository.expected(tx)

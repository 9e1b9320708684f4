"""Freeing what nothing refers to any more, after a time of grace: bytes of removed assets, and what crashes left.

Bytes come first and rows second, so an object without a row may be an upload's that is about to end. Therefore only
what is older than the grace is touched, and an original's studio is locked while it is looked at: an upload locks it too
before it refers to bytes that were there already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.deliveries.undo import UNDO
from service.vault import repository
from service.wiring import Wiring
from storage.blobstore import Stat, Sweeps

GRACE = timedelta(days=30)
LEAST_GRACE = timedelta(hours=1)
PICTURES = ("proofs/", "renditions/")


@dataclass
class Swept:
    """How many objects went: of removed assets, without a row, and unfinished writes. Sizes in bytes."""

    freed: int = 0
    freed_bytes: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    unfinished: int = 0


def sweep(wiring: Wiring, *, grace: timedelta = GRACE) -> Swept:
    """Frees everything older than ``grace`` that nothing refers to. Safe while serving, and at any moment killed."""
    if grace < LEAST_GRACE:
        raise ValueError("a grace under an hour could meet an upload")
    before, swept = wiring.clock() - grace, Swept()
    _free_removed(wiring, before, swept)
    for store in wiring.stores:
        for prefix in ("originals/", *PICTURES):
            for stat in store.list(prefix):
                if stat.modified_at < before and _forget_orphan(wiring, stat):
                    swept.orphans += 1
                    swept.orphan_bytes += stat.size
        if isinstance(store, Sweeps):
            swept.unfinished += store.sweep()
    return swept


def _free_removed(wiring: Wiring, before: datetime, swept: Swept) -> None:
    before = min(before, wiring.clock() - UNDO)  # what can be brought back is kept, whatever the grace
    with wiring.db.read() as tx:
        candidates = repository.freeable(tx, before)
    for candidate in candidates:
        with wiring.db.write() as tx:
            repository.lock_studio(tx, candidate.studio_id)
            blob = repository.still_freeable(tx, candidate.id, before)
            if blob is None:
                continue
            wiring.store.delete(blob.storage_key)  # a crash here: the row goes at the next sweep
            blob.freed_at = wiring.clock()
        swept.freed += 1
        swept.freed_bytes += candidate.size


def _forget_orphan(wiring: Wiring, stat: Stat) -> bool:
    with wiring.db.write() as tx:
        if stat.key.startswith("originals/"):
            repository.lock_studio(tx, stat.key.split("/")[1])
        if next(repository.expected(tx, stat.key), None) is not None:
            return False
        wiring.store_of(stat.key).delete(stat.key)
    return True

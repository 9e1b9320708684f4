"""Whether the stores answer and keep their promises; asked for, whether every stored object is what was written."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sqlalchemy.exc import SQLAlchemyError

from service.jobs.blame import blame
from service.kit.findings import Finding
from service.migrate import is_current
from service.vault import repository
from service.vault.scrub import scrub as scrub_all
from service.vault.snapshot import is_empty
from service.wiring import Wiring
from storage.blobstore import BadAddress, BlobStore, StorageError

PROBE = "health/probe"
AT_MOST = 20
ADVICE = {
    "original": "put it back from a backup",
    "proof": "press Retry at its asset",
    "rendition": "it is made anew when it is asked for",
}


@runtime_checkable
class TakesConditions(Protocol):
    """A store that relies on another's "only if absent", and can try it out."""

    def honours_conditions(self) -> bool: ...


def examine(wiring: Wiring) -> list[Finding]:
    """One finding for each store."""
    try:
        stores = wiring.stores
    except BadAddress as error:
        return [
            Finding("storage", "address", "bad", str(error), "mend TILLPAID_STORAGE_URL or TILLPAID_RENDITIONS_URL")
        ]
    names = ["vault", "renditions"] if len(stores) > 1 else ["vault"]
    return [*(_one(name, store) for name, store in zip(names, stores, strict=True)), *damaged(wiring)]


def damaged(wiring: Wiring) -> list[Finding]:
    """What the scrub that runs by itself has found, if there is a database to ask."""
    if wiring.db.is_sqlite and is_empty(wiring.db):  # to look would make one
        return []
    try:
        if not is_current(wiring.db):
            return []
        with wiring.db.read() as tx:
            count, first = repository.faults_kept(tx, limit=AT_MOST)
    except SQLAlchemyError as error:
        return [Finding("database", "tables", "bad", blame(error), "mend TILLPAID_DATABASE_URL, or start the server")]
    found = [Finding("storage", row.fault, "bad", f"{row.kind} {row.key}", ADVICE[row.kind]) for row in first]
    more = [Finding("storage", "more", "bad", f"{count - AT_MOST} more objects")] if count > AT_MOST else []
    return [*found, *more]


def _one(name: str, store: BlobStore) -> Finding:
    try:
        store.exists(PROBE)
        if isinstance(store, TakesConditions) and not store.honours_conditions():
            words = "ignores If-None-Match: one upload could replace another"
            return Finding("storage", name, "bad", words, "use a store that takes conditional writes")
    except StorageError as error:
        return Finding(
            "storage", name, "bad", f"does not answer: {error}", "is it there, and may this identity use it?"
        )
    return Finding("storage", name, "good", "answers")


def scrub(wiring: Wiring) -> list[Finding]:
    """Reads everything: one finding for each object that is not what was written, and one that counts."""
    verdict = scrub_all(wiring)
    found = [
        Finding("storage", fault, "bad", f"{what.kind} {what.key}", ADVICE[what.kind]) for what, fault in verdict.faults
    ]
    read = ", ".join(f"{verdict.read[kind]} {kind}s" for kind in ADVICE)
    return [
        *found,
        Finding("storage", "scrub", "bad" if found else "good", f"read {read}: {len(found) or 'no'} faults"),
    ]

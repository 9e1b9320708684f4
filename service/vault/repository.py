"""SQL for what must be in the store: every object that a row refers to. Only for commands of who runs the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from service.accounts.models import Studio
from service.db import Tx, locked
from service.deliveries.models import Asset, Blob
from service.kit.ids import spell
from service.previews.models import KeptClip, Proof, Rendition
from service.vault.models import ScrubFault

AT_ONCE = 1000
ALL_IDS = 2**128
_CLIP = (
    *(KeptClip.id, KeptClip.storage_key, KeptClip.sha256, KeptClip.byte_count),
    *(KeptClip.proof_key, KeptClip.proof_sha256),
)


@dataclass(frozen=True)
class Expected:
    """An object that a row refers to. ``sha256`` is empty where none was kept, ``size`` -1 likewise."""

    key: str
    kind: str
    """original | proof | rendition"""
    sha256: str
    size: int


def expected(tx: Tx, key: str = "") -> Iterator[Expected]:
    """Every object that must be there (or the one under ``key``): originals first. Reads as it goes, so that millions
    do not fill memory."""
    originals = select(Blob.storage_key, Blob.sha256, Blob.size).where(Blob.freed_at.is_(None)).order_by(Blob.id)
    proofs = select(Proof.storage_key, Proof.sha256).order_by(Proof.id)
    pictures = select(Rendition.storage_key, Rendition.sha256, Rendition.byte_count).order_by(Rendition.id)
    clean = select(KeptClip.proof_key, KeptClip.proof_sha256).order_by(KeptClip.id)
    marked = select(KeptClip.storage_key, KeptClip.sha256, KeptClip.byte_count).order_by(KeptClip.id)
    if key:
        originals, proofs = originals.where(Blob.storage_key == key), proofs.where(Proof.storage_key == key)
        pictures = pictures.where(Rendition.storage_key == key)
        clean, marked = clean.where(KeptClip.proof_key == key), marked.where(KeptClip.storage_key == key)
    return chain(
        (Expected(key, "original", digest, size) for key, digest, size in tx.execute(originals).yield_per(AT_ONCE)),
        (Expected(key, "proof", digest, -1) for key, digest in tx.execute(proofs).yield_per(AT_ONCE)),
        (Expected(key, "rendition", digest, size) for key, digest, size in tx.execute(pictures).yield_per(AT_ONCE)),
        (Expected(key, "proof", digest, -1) for key, digest in tx.execute(clean).yield_per(AT_ONCE)),
        (Expected(key, "rendition", digest, size) for key, digest, size in tx.execute(marked).yield_per(AT_ONCE)),
    )


def next_of_part(tx: Tx, part: int, parts: int, after: str, *, limit: int) -> list[tuple[str, Expected]]:
    """The next objects, each with its row's id, whose ids lie in the ``part``-th of ``parts`` equal ranges, in order
    after the id ``after`` ("" at the beginning); none at the end. Originals first, then proofs, renditions, clips."""
    kinds = (
        ("blb", Blob.id, select(Blob.id, Blob.storage_key, Blob.sha256, Blob.size).where(Blob.freed_at.is_(None))),
        ("prf", Proof.id, select(Proof.id, Proof.storage_key, Proof.sha256)),
        ("ren", Rendition.id, select(Rendition.id, Rendition.storage_key, Rendition.sha256, Rendition.byte_count)),
        ("clp", KeptClip.id, select(*_CLIP)),
    )
    begun = not after
    for prefix, row_id, query in kinds:
        here = after.startswith(prefix)
        begun = begun or here
        if not begun:
            continue
        low, high = (spell(prefix, ALL_IDS * edge // parts) for edge in (part, part + 1))
        here_on = row_id > after if here else row_id >= low
        rows = tx.execute(query.where(here_on, row_id < high).order_by(row_id).limit(limit)).all()
        if rows:
            return [(row[0], what) for row in rows for what in _of_row(prefix, tuple(row))]
    return []


def _of_row(prefix: str, row: tuple[Any, ...]) -> list[Expected]:
    """What a row of ``next_of_part`` refers to: of a clip, the marked and the clean one."""
    kind = {"blb": "original", "prf": "proof", "ren": "rendition", "clp": "rendition"}[prefix]
    first = Expected(row[1], kind, row[2], row[3] if len(row) > 3 else -1)
    return [first, Expected(row[4], "proof", row[5], -1)] if prefix == "clp" else [first]


def keep_verdicts(tx: Tx, verdicts: list[tuple[Expected, str]], now: datetime) -> None:
    """Notes each fault, in place of what was said of the object before; what is sound ("") is forgotten."""
    for what, fault in verdicts:
        known = tx.get(ScrubFault, what.key)
        if fault and known:
            known.fault, known.found_at = fault, now
        elif fault:
            tx.add(ScrubFault(key=what.key, kind=what.kind, fault=fault, found_at=now))
        elif known:
            tx.delete(known)


def faults_kept(tx: Tx, *, limit: int) -> tuple[int, list[ScrubFault]]:
    """How many faults the scrub knows, and the first of them."""
    count = tx.scalar(select(func.count()).select_from(ScrubFault)) or 0
    return count, list(tx.scalars(select(ScrubFault).order_by(ScrubFault.kind, ScrubFault.key).limit(limit)))


def forget_unreferred(tx: Tx) -> None:
    """Faults of objects that no row refers to any more."""
    referred = or_(
        exists().where(Blob.storage_key == ScrubFault.key, Blob.freed_at.is_(None)),
        exists().where(Proof.storage_key == ScrubFault.key),
        exists().where(Rendition.storage_key == ScrubFault.key),
        exists().where(or_(KeptClip.storage_key == ScrubFault.key, KeptClip.proof_key == ScrubFault.key)),
    )
    tx.execute(delete(ScrubFault).where(~referred).execution_options(synchronize_session=False))


def freeable(tx: Tx, before: datetime, *, limit: int = AT_ONCE) -> list[Blob]:
    """Bytes whose every asset was taken out of its delivery before that moment, the oldest first."""
    used = exists().where(Asset.blob_id == Blob.id, _in_use(before))
    query = select(Blob).where(Blob.freed_at.is_(None), Blob.created_at < before, ~used)
    return list(tx.scalars(query.order_by(Blob.created_at, Blob.id).limit(limit)))


def still_freeable(tx: Tx, blob_id: str, before: datetime) -> Blob | None:
    """The same for one row, looked at again under the studio's lock."""
    used = exists().where(Asset.blob_id == Blob.id, _in_use(before))
    return tx.scalar(select(Blob).where(Blob.id == blob_id, Blob.freed_at.is_(None), ~used))


def lock_studio(tx: Tx, studio_id: str) -> None:
    """Holds the studio's row until the transaction ends, if there is such a studio."""
    tx.scalar(locked(select(Studio.id).where(Studio.id == studio_id)))


def _in_use(before: datetime) -> ColumnElement[bool]:
    return or_(Asset.removed_at.is_(None), and_(Asset.removed_at.is_not(None), Asset.removed_at >= before))

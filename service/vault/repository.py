"""SQL for what must be in the store: every object that a row refers to. Only for commands of who runs the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import ColumnElement, and_, exists, or_, select

from service.accounts.models import Studio
from service.db import Tx, locked
from service.deliveries.models import Asset, Blob
from service.previews.models import Proof, Rendition

AT_ONCE = 1000


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
    if key:
        originals, proofs = originals.where(Blob.storage_key == key), proofs.where(Proof.storage_key == key)
        pictures = pictures.where(Rendition.storage_key == key)
    return chain(
        (Expected(key, "original", digest, size) for key, digest, size in tx.execute(originals).yield_per(AT_ONCE)),
        (Expected(key, "proof", digest, -1) for key, digest in tx.execute(proofs).yield_per(AT_ONCE)),
        (Expected(key, "rendition", digest, size) for key, digest, size in tx.execute(pictures).yield_per(AT_ONCE)),
    )


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

"""SQL for uploads: always within one studio, except for the sweep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from service.db import Tx, locked
from service.errors import NotFound
from service.uploads.models import Upload


def add(tx: Tx, row: Upload) -> None:
    tx.add(row)
    tx.flush()


def upload_of(tx: Tx, studio_id: str, upload_id: str, now: datetime, *, lock: bool = False) -> Upload:
    """The studio's upload that has not expired; raises NotFound. ``lock`` holds the row to the end of the transaction."""
    query = select(Upload).where(Upload.studio_id == studio_id, Upload.id == upload_id, Upload.expires_at > now)
    found = tx.scalar(locked(query) if lock else query)
    if found is None:
        raise NotFound
    return found


def unfinished(tx: Tx, studio_id: str, delivery_id: str, now: datetime) -> list[Upload]:
    """What has begun and is no asset yet, in its order."""
    query = select(Upload).where(
        Upload.studio_id == studio_id,
        Upload.delivery_id == delivery_id,
        Upload.asset_id.is_(None),
        Upload.expires_at > now,
    )
    return list(tx.scalars(query.order_by(Upload.position, Upload.id)))


def bytes_promised(tx: Tx, studio_id: str) -> int:
    """Bytes of the studio's unfinished uploads, as they will be when they are whole."""
    query = select(func.coalesce(func.sum(Upload.size), 0))
    return int(tx.scalars(query.where(Upload.studio_id == studio_id, Upload.asset_id.is_(None))).one())


def last_position(tx: Tx, delivery_id: str) -> int:
    """The highest position that was given to an upload in this delivery, 0 when there is none."""
    return tx.scalar(select(func.max(Upload.position)).where(Upload.delivery_id == delivery_id)) or 0


def remove(tx: Tx, row: Upload) -> None:
    tx.delete(row)
    tx.flush()


def idle(tx: Tx, now: datetime, *, limit: int) -> list[Upload]:
    """For the sweep, of any studio: uploads that have expired, and those whose bytes are all there but that are no
    asset; none that somebody is writing."""
    overdue = or_(Upload.expires_at <= now, (Upload.offset == Upload.size) & Upload.asset_id.is_(None))
    free = or_(Upload.lease_until.is_(None), Upload.lease_until <= now)
    return list(tx.scalars(select(Upload).where(overdue, free).order_by(Upload.expires_at).limit(limit)))


def remove_expired(tx: Tx, studio_id: str, upload_id: str, now: datetime) -> bool:
    """Removes the studio's upload if it has expired, also now; whether it did."""
    query = select(Upload).where(Upload.studio_id == studio_id, Upload.id == upload_id, Upload.expires_at <= now)
    row = tx.scalar(locked(query))
    if row is not None:
        remove(tx, row)
    return row is not None


def known(tx: Tx, names: list[str]) -> set[str]:
    """For the sweep: which of these names of partials are uploads, of any studio."""
    found: set[str] = set()
    for start in range(0, len(names), 500):
        found.update(tx.scalars(select(Upload.id).where(Upload.id.in_(names[start : start + 500]))))
    return found

"""SQL for the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from service.audit.models import AuditEvent, AuditHead
from service.db import Tx, locked


@dataclass(frozen=True)
class Span:
    """The first and the last time that something happened."""

    first: datetime
    last: datetime


def head_for_update(tx: Tx, studio_id: str, genesis: str) -> AuditHead:
    """The studio's chain head, locked: two writers must not add the same number. A chain without one gets it here, at
    number 0 with the hash ``genesis``; of two transactions that would begin it, one waits for the other."""
    query = locked(select(AuditHead).where(AuditHead.studio_id == studio_id))
    head = tx.scalar(query)
    if head is None:
        dialect = postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
        new = dialect.insert(AuditHead).values(studio_id=studio_id, seq=0, hash=genesis, mac="")
        tx.execute(new.on_conflict_do_nothing())
        head = tx.scalars(query).one()
    return head


def add(tx: Tx, row: AuditEvent | AuditHead) -> None:
    tx.add(row)
    tx.flush()


def events_of_delivery(
    tx: Tx, studio_id: str, delivery_id: str, *, after: int = 0, limit: int = 500
) -> list[AuditEvent]:
    """A delivery's events in the order they happened, from the one after ``after``."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.studio_id == studio_id, AuditEvent.delivery_id == delivery_id, AuditEvent.seq > after)
        .order_by(AuditEvent.seq)
        .limit(limit)
    )
    return list(tx.scalars(query))


def latest_of_delivery(tx: Tx, studio_id: str, delivery_id: str, *, limit: int) -> list[AuditEvent]:
    """A delivery's last ``limit`` events, the newest first."""
    query = select(AuditEvent).where(AuditEvent.studio_id == studio_id, AuditEvent.delivery_id == delivery_id)
    return list(tx.scalars(query.order_by(AuditEvent.seq.desc()).limit(limit)))


def run_before(tx: Tx, event: AuditEvent) -> int:
    """How many events of the same delivery, kind and actor came directly before this one."""
    before = (AuditEvent.delivery_id == event.delivery_id, AuditEvent.seq < event.seq)
    other = or_(AuditEvent.kind != event.kind, AuditEvent.actor != event.actor)
    broken = select(func.coalesce(func.max(AuditEvent.seq), 0)).where(*before, other).scalar_subquery()
    return tx.scalar(select(func.count()).where(*before, AuditEvent.seq > broken)) or 0


def spans_of_delivery(tx: Tx, studio_id: str, delivery_id: str, kinds: Collection[str]) -> dict[str, Span]:
    """When each of these kinds of event first and last happened to a delivery; kinds that never did are missing."""
    query = (
        select(AuditEvent.kind, func.min(AuditEvent.at), func.max(AuditEvent.at))
        .where(AuditEvent.studio_id == studio_id, AuditEvent.delivery_id == delivery_id, AuditEvent.kind.in_(kinds))
        .group_by(AuditEvent.kind)
    )
    return {kind: Span(first, last) for kind, first, last in tx.execute(query)}


def heads(tx: Tx) -> list[AuditHead]:
    """Every chain's head."""
    return list(tx.scalars(select(AuditHead).order_by(AuditHead.studio_id)))


def studios_with_events(tx: Tx) -> list[str]:
    """Studios that have any event, with or without a head."""
    return list(tx.scalars(select(AuditEvent.studio_id).distinct().order_by(AuditEvent.studio_id)))


def chain(tx: Tx, studio_id: str) -> Iterator[AuditEvent]:
    """All events of a studio by number, a few at a time."""
    query = select(AuditEvent).where(AuditEvent.studio_id == studio_id).order_by(AuditEvent.seq)
    with closing(tx.scalars(query.execution_options(yield_per=500))) as rows:
        yield from rows

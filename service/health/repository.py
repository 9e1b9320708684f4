"""SQL for health checks, and for what all machines agree on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError

from service.db import Tx, locked
from service.health.models import ONLY, Installation


def answers(tx: Tx) -> bool:
    """Whether the database answers at all."""
    return tx.scalar(select(literal(1))) == 1


def installation(tx: Tx, keys: list[str], now: datetime) -> Installation:
    """The one row, locked; made with ``keys`` when there is none, also when another machine makes it just now."""
    query = locked(select(Installation).where(Installation.id == ONLY))
    found = tx.scalar(query)
    if found is None:
        try:
            with tx.begin_nested():
                tx.add(Installation(id=ONLY, keys=" ".join(keys), changed_at=now))
                tx.flush()
        except IntegrityError:
            pass  # it is there by now
        found = tx.scalars(query).one()
    return found


def keep_keys(row: Installation, keys: list[str], now: datetime) -> None:
    """Makes ``keys`` the installation's, unless they are."""
    if row.keys.split() != keys:
        row.keys, row.changed_at = " ".join(keys), now

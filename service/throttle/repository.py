"""SQL for the counters: count-and-read is one statement, so concurrent callers never share a number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from service.db import Tx
from service.throttle.models import ThrottleCount


def count_up(tx: Tx, key: str, window_start: datetime) -> int:
    """Adds one to the counter of this window and returns what it then says."""
    dialect = postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
    new: Any = dialect.insert(ThrottleCount).values(key=key, window_start=window_start, count=1)
    counted = new.on_conflict_do_update(
        index_elements=[ThrottleCount.key, ThrottleCount.window_start], set_={"count": ThrottleCount.count + 1}
    )
    return int(tx.execute(counted.returning(ThrottleCount.count)).scalar_one())


def sweep(tx: Tx, before: datetime) -> None:
    """Forgets the windows that began before ``before``."""
    tx.execute(delete(ThrottleCount).where(ThrottleCount.window_start < before))

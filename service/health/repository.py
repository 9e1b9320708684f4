"""SQL for health checks."""

from __future__ import annotations

from sqlalchemy import literal, select

from service.db import Tx


def answers(tx: Tx) -> bool:
    """Whether the database answers at all."""
    return tx.scalar(select(literal(1))) == 1

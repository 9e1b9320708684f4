"""The embedded queue's table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class JobRow(Base):
    """A unit of work. ``state``: waiting | running | done | dead. ``fence`` grows with every claim: a worker that
    lost its lease can no longer finish."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[str] = mapped_column(Text)  # JSON
    state: Mapped[str] = mapped_column(default="waiting")
    priority: Mapped[int] = mapped_column(default=0)  # higher first
    key: Mapped[str | None] = mapped_column(default=None)  # at most one waiting job per key
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (Index(None, "state", "run_at", "priority"), Index(None, "key"))


class JobNote(Base):
    """On PostgreSQL, what Procrastinate has no place for: a job's last error, and attempts that do not count."""

    __tablename__ = "job_notes"
    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    error: Mapped[str] = mapped_column(Text, default="")
    forgiven: Mapped[int] = mapped_column(default=0)


class PeriodicRun(Base):
    """In the embedded queue, the last period of a periodic job that was enqueued, in seconds since 1970."""

    __tablename__ = "periodic_runs"
    kind: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger)

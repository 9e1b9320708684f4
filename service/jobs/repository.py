"""SQL for the embedded queue. Every change to a claimed job names its fence: a stale claim changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update

from service.db import Tx
from service.jobs.models import JobRow, PeriodicRun


def add(tx: Tx, row: JobRow) -> None:
    tx.add(row)
    tx.flush()


def waiting_with_key(tx: Tx, key: str) -> str | None:
    """The id of the job of that key that still waits."""
    query = select(JobRow.id).where(JobRow.key == key, JobRow.state == "waiting")
    return tx.scalar(query.order_by(JobRow.run_at).limit(1))


def any_due(tx: Tx, kinds: Collection[str], now: datetime) -> bool:
    """Whether a claim would find something."""
    return tx.scalar(select(JobRow.id).where(_due(kinds, now)).limit(1)) is not None


def next_due(tx: Tx, kinds: Collection[str], now: datetime) -> JobRow | None:
    """The job to do next: the most urgent, then the longest due. The caller holds the write lock."""
    query = select(JobRow).where(_due(kinds, now)).order_by(JobRow.priority.desc(), JobRow.run_at, JobRow.created_at)
    return tx.scalar(query.limit(1))


def _due(kinds: Collection[str], now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or claimed by a worker whose lease ran out."""
    waits = and_(JobRow.state == "waiting", JobRow.run_at <= now)
    left = and_(JobRow.state == "running", JobRow.lease_until < now)
    return and_(or_(waits, left), JobRow.kind.in_(list(kinds)))


def change_claimed(tx: Tx, job_id: str, fence: int, /, **values: object) -> bool:
    """Changes a running job if ``fence`` is still its claim; False when it is not."""
    query = update(JobRow).where(JobRow.id == job_id, JobRow.fence == fence, JobRow.state == "running")
    result = tx.execute(query.values(**values).execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def change_dead(tx: Tx, job_id: str, **values: object) -> bool:
    """Changes a dead job; False when there is none."""
    query = update(JobRow).where(JobRow.id == job_id, JobRow.state == "dead")
    result = tx.execute(query.values(**values).execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def counts(tx: Tx) -> dict[str, int]:
    """How many jobs are in each state that occurs."""
    rows = tx.execute(select(JobRow.state, func.count().label("jobs")).group_by(JobRow.state))
    return {row.state: row.jobs for row in rows}


def errors_of(tx: Tx, state: str) -> dict[str, str]:
    """Job id to the last error, for every job in ``state``."""
    return {row.id: row.error for row in tx.scalars(select(JobRow).where(JobRow.state == state))}


def delete_done(tx: Tx, before: datetime) -> int:
    """Removes finished jobs that ended before then; how many."""
    result = tx.execute(delete(JobRow).where(JobRow.state == "done", JobRow.ended_at < before))
    return result.rowcount if isinstance(result, CursorResult) else 0


def begin_period(tx: Tx, kind: str, start: int) -> bool:
    """Notes that the period that began at ``start`` (seconds since 1970) is enqueued; False when it was before."""
    last = tx.get(PeriodicRun, kind)
    if last is None:
        tx.add(PeriodicRun(kind=kind, start=start))
        return True
    if last.start >= start:
        return False
    last.start = start
    return True

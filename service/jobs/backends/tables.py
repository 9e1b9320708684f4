"""What we ask Procrastinate's tables ourselves, beside its manager: looks before a claim, locks, counts; and our notes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, column, delete, exists, func, or_, select, table
from sqlalchemy.dialects.postgresql import ENUM, insert

from service.db import Tx
from service.jobs.models import JobNote

STATUSES = ENUM("todo", "doing", "succeeded", "failed", name="procrastinate_job_status", create_type=False)
JOBS = table(
    "procrastinate_jobs",
    *(column(name) for name in ("id", "queue_name", "queueing_lock", "scheduled_at", "worker_id")),
    column("status", STATUSES),
)
WORKERS = table("procrastinate_workers", column("id"), column("last_heartbeat"))
STATUS = cast(JOBS.c.status, Text)


def any_due(tx: Tx, kinds: Collection[str]) -> bool:
    """Whether a claim would find something. ``now()`` is the database's, as when Procrastinate fetches."""
    due = or_(JOBS.c.scheduled_at.is_(None), JOBS.c.scheduled_at <= func.now())
    query = select(JOBS.c.id).where(JOBS.c.status == "todo", JOBS.c.queue_name.in_(list(kinds)), due)
    return tx.scalar(query.limit(1)) is not None


def any_stalled(tx: Tx, lease: timedelta) -> bool:
    """Whether a worker's last heartbeat is older than ``lease``, or a running job has no worker."""
    old = select(WORKERS.c.id).where(WORKERS.c.last_heartbeat < func.now() - lease)
    orphan = select(JOBS.c.id).where(JOBS.c.status == "doing", JOBS.c.worker_id.is_(None))
    return bool(tx.scalar(select(or_(exists(old), exists(orphan)))))


def waiting_with_key(tx: Tx, key: str) -> int | None:
    """The job of that key that still waits, locked: nobody claims it before the caller's transaction has ended, so it
    will see what the caller changes."""
    query = select(JOBS.c.id).where(JOBS.c.queueing_lock == key, JOBS.c.status == "todo")
    return tx.scalar(query.with_for_update())


def counts(tx: Tx) -> dict[str, int]:
    """How many jobs are in each of Procrastinate's states that occurs."""
    return {row[0]: row[1] for row in tx.execute(select(STATUS, func.count()).group_by(STATUS))}


def errors_of(tx: Tx, status: str) -> dict[int, str]:
    """Job to its last error, for every job in that state of Procrastinate's."""
    error = func.coalesce(JobNote.error, "")
    query = select(JOBS.c.id, error).outerjoin(JobNote, JobNote.job_id == JOBS.c.id).where(JOBS.c.status == status)
    return {row[0]: row[1] for row in tx.execute(query)}


def forgiven(tx: Tx, number: int) -> int:
    """Attempts of that job that do not count."""
    return tx.scalar(select(JobNote.forgiven).where(JobNote.job_id == number)) or 0


def note(tx: Tx, number: int, error: str | None, *, forgive: int = 0, forgiven: int | None = None) -> None:
    """Writes the job's last error (None keeps it), and forgives ``forgive`` more attempts, or ``forgiven`` in all."""
    new: Any = insert(JobNote).values(job_id=number, error=error or "", forgiven=forgiven or forgive)
    changed: dict[str, Any] = {"forgiven": JobNote.forgiven + forgive if forgiven is None else forgiven}
    if error is not None:
        changed["error"] = error
    tx.execute(new.on_conflict_do_update(index_elements=[JobNote.job_id], set_=changed))


def forget(tx: Tx, number: int) -> None:
    """Removes what was noted of a job."""
    tx.execute(delete(JobNote).where(JobNote.job_id == number))

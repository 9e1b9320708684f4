"""The queue on PostgreSQL: Procrastinate's tables and functions, used through its job manager in our transactions.

Procrastinate keeps and hands out jobs; it has no lease of a single job, and ends a job by its number alone. Both come
of one use of its workers: **each claim registers as a worker of its own**. The worker's number, which only grows, is
the claim's fence; its heartbeat is the lease; it is gone when the claim ends or is taken away.

- Who ends or prolongs a claim first touches its worker's heartbeat, which locks that row, and then sees whether the
  job is still with it. So a claim cannot be taken away between the look and the end.
- Who rescues first deletes the workers without a heartbeat. A job whose worker is gone is nobody's, and is put back.

Due times and heartbeats are by the database's clock, which all machines share. What Procrastinate has no place for is
in ``job_notes``: the last error, and attempts that do not count.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job as Deferred
from procrastinate.jobs import Status

from service.db import Database, Tx
from service.jobs.backends import tables
from service.jobs.backends.connector import done, manager
from service.jobs.backends.listener import Listener
from service.jobs.backoff import delay
from service.jobs.queue import LEASE, MAX_ATTEMPTS, VANISHED, Job, LeaseLost
from service.kit.clock import Clock

RESCUE_EVERY = timedelta(seconds=5)
STATES = {"waiting": "todo", "running": "doing", "done": "succeeded", "dead": "failed"}


def open_queue(db: Database, clock: Clock, *, jitter: Callable[[], float] = random.random) -> PostgresQueue:
    """The queue over ``db``. ``jitter`` gives numbers in [0, 1) that spread retries out."""
    return PostgresQueue(db, clock, jitter)


class PostgresQueue:
    """A ``JobQueue`` that also ``Wakes`` and ``Closes``."""

    def __init__(self, db: Database, clock: Clock, jitter: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock
        self._jitter = jitter
        self._listener = Listener(db.engine)
        self._rescuing = threading.Lock()
        self._rescued: datetime | None = None

    def enqueue(
        self,
        tx: Tx,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        run_at: datetime | None = None,
        priority: int = 0,
    ) -> str:
        job = _deferred(kind, payload, key=key, priority=priority, scheduled_at=run_at)
        while True:
            waiting = tables.waiting_with_key(tx, key) if key else None
            if waiting:
                return _name(waiting)
            try:
                with tx.begin_nested():
                    return _name(manager(tx).defer_job(job).id)
            except AlreadyEnqueued:
                continue  # another transaction was first with this key, and has ended meanwhile

    def enqueue_period(self, kind: str, start: datetime) -> str | None:
        at = int(start.timestamp())
        job = _deferred(kind, {"timestamp": at}, key=f"periodic:{kind}")
        try:
            with self._db.write() as tx:
                made = done(manager(tx).defer_periodic_job(job, periodic_id="", defer_timestamp=at))
        except AlreadyEnqueued:
            return None  # the period before still waits
        return _name(made) if made else None

    def claim(self, worker: str, kinds: Collection[str], *, lease: timedelta = LEASE) -> Job | None:
        self._rescue(lease, at_once=False)
        taken = self._take(kinds, lease)
        if taken is None and self._rescue(lease, at_once=True):
            taken = self._take(kinds, lease)
        return taken

    def _take(self, kinds: Collection[str], lease: timedelta) -> Job | None:
        with self._db.read() as tx:
            if not tables.any_due(tx, kinds):
                return None
        with self._db.write() as tx:
            jobs = manager(tx)
            fence = done(jobs.register_worker())
            row = done(jobs.fetch_job(queues=list(kinds), worker_id=fence))
            if row is None or row.id is None:  # others were faster
                done(jobs.unregister_worker(fence))
                return None
            attempts = row.attempts - tables.forgiven(tx, row.id) + 1
            return Job(_name(row.id), row.task_name, row.task_kwargs, attempts, fence, self._clock() + lease)

    def renew(self, job: Job, *, lease: timedelta = LEASE) -> None:
        with self._db.write() as tx:
            self._hold(tx, job)

    @contextmanager
    def finish(self, job: Job) -> Iterator[Tx]:
        with self._db.write() as tx:
            self._hold(tx, job)
            self._end(tx, job, Status.SUCCEEDED)
            yield tx

    def retry(self, job: Job, error: str) -> bool:
        if job.attempts >= MAX_ATTEMPTS:
            self.bury(job, error)
            return False
        with self._db.write() as tx:
            self._hold(tx, job)
            self._put_back(tx, job, self._clock() + delay(job.attempts, self._jitter()), error=error)
        return True

    def bury(self, job: Job, error: str) -> None:
        with self._db.write() as tx:
            self._hold(tx, job)
            self._end(tx, job, Status.FAILED, error)

    def give_back(self, job: Job) -> None:
        with self._db.write() as tx:
            self._hold(tx, job)
            self._put_back(tx, job, self._clock(), forgive=1)

    def revive(self, job_id: str) -> bool:
        number = _number(job_id)
        with self._db.write() as tx:
            dead = manager(tx).list_jobs(id=number, status=Status.FAILED.value) if number else []
            if not dead:
                return False
            tables.note(tx, number, "", forgiven=dead[0].attempts + 1)
            return _waits_again(tx, number, self._clock())

    def counts(self) -> dict[str, int]:
        with self._db.read() as tx:
            found = tables.counts(tx)
        return {ours: found.get(theirs, 0) for ours, theirs in STATES.items()}

    def errors_of(self, state: str) -> dict[str, str]:
        with self._db.read() as tx:
            return {_name(number): error for number, error in tables.errors_of(tx, STATES[state]).items()}

    def sweep(self, keep: timedelta) -> int:
        hours: Any = keep.total_seconds() / 3600  # Procrastinate's query takes a fraction, its type does not say so
        with self._db.write() as tx:
            before = tables.counts(tx).get("succeeded", 0)
            done(manager(tx).delete_old_jobs(nb_hours=hours))
            return before - tables.counts(tx).get("succeeded", 0)

    def news(self) -> int:
        return self._listener.news()

    def wait_for_news(self, seen: int, seconds: float) -> None:
        self._listener.wait(seen, seconds)

    def close(self) -> None:
        self._listener.close()

    @staticmethod
    def _hold(tx: Tx, job: Job) -> None:
        """Makes the claim ours until the transaction ends; raises LeaseLost when it no longer is."""
        jobs = manager(tx)
        done(jobs.update_heartbeat(job.fence))
        if not jobs.list_jobs(id=_number(job.id), worker_id=job.fence, status=Status.DOING.value):
            raise LeaseLost(job.id)

    @staticmethod
    def _end(tx: Tx, job: Job, status: Status, error: str = "") -> None:
        """Ends a claim that is held; the error is kept with the dead, and forgotten of the done."""
        number, jobs = _number(job.id), manager(tx)
        if error:
            tables.note(tx, number, error)
        else:
            tables.forget(tx, number)
        done(jobs.finish_job_by_id_async(job_id=number, status=status, delete_job=False))
        done(jobs.unregister_worker(job.fence))

    @staticmethod
    def _put_back(tx: Tx, job: Job, at: datetime, *, error: str | None = None, forgive: int = 0) -> None:
        number = _number(job.id)
        tables.note(tx, number, error, forgive=forgive)
        if not _waits_again(tx, number, at):
            done(manager(tx).finish_job_by_id_async(job_id=number, status=Status.SUCCEEDED, delete_job=False))
        done(manager(tx).unregister_worker(job.fence))

    def _rescue(self, lease: timedelta, *, at_once: bool) -> bool:
        """Puts back the jobs whose claims ran out, on whatever machine; whether there were any. One thread at a time,
        and unless ``at_once`` only now and then."""
        now = self._clock()
        if not self._rescuing.acquire(blocking=False):
            return False
        try:
            if not at_once and self._rescued is not None and now - self._rescued < RESCUE_EVERY:
                return False
            self._rescued = now
            with self._db.read() as tx:
                if not tables.any_stalled(tx, lease):
                    return False
            with self._db.write() as tx:
                return self._rescue_all(tx, lease.total_seconds())
        finally:
            self._rescuing.release()

    def _rescue_all(self, tx: Tx, seconds: float) -> bool:
        jobs = manager(tx)
        done(jobs.prune_stalled_workers(seconds))
        stalled = [job for job in done(jobs.get_stalled_jobs(seconds_since_heartbeat=seconds)) if job.worker_id is None]
        for job in stalled:
            number = job.id or 0
            tried = job.attempts - tables.forgiven(tx, number) + 1
            if tried >= MAX_ATTEMPTS:
                tables.note(tx, number, VANISHED % {"count": tried})
                done(jobs.finish_job_by_id_async(job_id=number, status=Status.FAILED, delete_job=False))
            elif not _waits_again(tx, number, self._clock()):
                done(jobs.finish_job_by_id_async(job_id=number, status=Status.SUCCEEDED, delete_job=False))
        return bool(stalled)


def _waits_again(tx: Tx, number: int, at: datetime) -> bool:
    """Puts a running or dead job back among the waiting; False when one of its key waits there already, which will do
    the same."""
    try:
        with tx.begin_nested():
            done(manager(tx).retry_job_by_id_async(job_id=number, retry_at=at))
    except UniqueViolation:
        return False
    return True


def _deferred(kind: str, payload: Mapping[str, Any], *, key: str | None, **more: Any) -> Deferred:
    """The job as Procrastinate has it: one queue for each kind, so that workers can choose."""
    return Deferred(queue=kind, task_name=kind, task_kwargs=dict(payload), queueing_lock=key, lock=None, **more)


def _name(number: int | None) -> str:
    return f"job_{number}"


def _number(name: str) -> int:
    """Procrastinate's number of a job; 0 for a name that none of its jobs has."""
    digits = name.removeprefix("job_")
    return int(digits) if digits.isdecimal() else 0

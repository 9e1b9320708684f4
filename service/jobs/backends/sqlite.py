"""The embedded queue: a lease table in the service's own SQLite database.

Every claim is one short BEGIN IMMEDIATE transaction, so two claimers cannot take the same job; at idle a claim
only reads. Threads of one process take turns in memory first: SQLite's own waiting sleeps and is unfair. A commit
that enqueued something wakes this process's workers; other processes find it at their next look.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event

from service.db import Database, Tx
from service.jobs import repository
from service.jobs.backoff import delay
from service.jobs.models import JobRow
from service.jobs.queue import LEASE, MAX_ATTEMPTS, VANISHED, Job, LeaseLost
from service.kit.clock import Clock
from service.kit.ids import new_id


def open_queue(db: Database, clock: Clock, *, jitter: Callable[[], float] = random.random) -> SqliteQueue:
    """The queue over ``db``. ``jitter`` gives numbers in [0, 1) that spread retries out."""
    return SqliteQueue(db, clock, jitter)


class SqliteQueue:
    """A ``JobQueue`` that also ``Wakes``."""

    def __init__(self, db: Database, clock: Clock, jitter: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock
        self._jitter = jitter
        self._claiming = threading.Lock()
        self._news = threading.Condition()
        self._commits = 0

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
        waiting = repository.waiting_with_key(tx, key) if key else None
        if waiting:
            return waiting
        now = self._clock()
        row = JobRow(
            id=new_id("job"),
            kind=kind,
            payload=json.dumps(dict(payload)),
            priority=priority,
            key=key,
            run_at=run_at or now,
            created_at=now,
        )
        repository.add(tx, row)
        event.listen(tx, "after_commit", self._wake, once=True)
        return row.id

    def enqueue_period(self, kind: str, start: datetime) -> str | None:
        with self._db.write() as tx:
            key = f"periodic:{kind}"
            if repository.waiting_with_key(tx, key):
                return None  # the period before still waits
            at = int(start.timestamp())
            return self.enqueue(tx, kind, {"timestamp": at}, key=key) if repository.begin_period(tx, kind, at) else None

    def claim(self, worker: str, kinds: Collection[str], *, lease: timedelta = LEASE) -> Job | None:
        with self._claiming:
            with self._db.read() as tx:
                if not repository.any_due(tx, kinds, self._clock()):
                    return None
            with self._db.write() as tx:
                return self._take(tx, worker, kinds, lease)

    def _take(self, tx: Tx, worker: str, kinds: Collection[str], lease: timedelta) -> Job | None:
        now = self._clock()
        while row := repository.next_due(tx, kinds, now):
            if row.attempts >= MAX_ATTEMPTS and row.state == "running":
                row.state, row.ended_at, row.lease_until = "dead", now, None
                row.error = VANISHED % {"count": row.attempts}
                row.fence += 1
                tx.flush()
                continue
            row.state, row.worker, row.lease_until = "running", worker, now + lease
            row.attempts += 1
            row.fence += 1
            return Job(row.id, row.kind, json.loads(row.payload), row.attempts, row.fence, now + lease)
        return None

    def renew(self, job: Job, *, lease: timedelta = LEASE) -> None:
        with self._db.write() as tx:
            self._change(tx, job, lease_until=self._clock() + lease)

    @contextmanager
    def finish(self, job: Job) -> Iterator[Tx]:
        with self._db.write() as tx:
            self._change(tx, job, state="done", ended_at=self._clock(), lease_until=None, error="")
            yield tx

    def retry(self, job: Job, error: str) -> bool:
        if job.attempts >= MAX_ATTEMPTS:
            self.bury(job, error)
            return False
        run_at = self._clock() + delay(job.attempts, self._jitter())
        with self._db.write() as tx:
            self._change(tx, job, state="waiting", run_at=run_at, lease_until=None, error=error)
        return True

    def bury(self, job: Job, error: str) -> None:
        with self._db.write() as tx:
            self._change(tx, job, state="dead", ended_at=self._clock(), lease_until=None, error=error)

    def give_back(self, job: Job) -> None:
        with self._db.write() as tx:
            self._change(tx, job, state="waiting", lease_until=None, attempts=job.attempts - 1, fence=job.fence + 1)

    def revive(self, job_id: str) -> bool:
        with self._db.write() as tx:
            found = repository.change_dead(
                tx, job_id, state="waiting", run_at=self._clock(), attempts=0, ended_at=None, error=""
            )
            event.listen(tx, "after_commit", self._wake, once=True)
        return found

    def counts(self) -> dict[str, int]:
        with self._db.read() as tx:
            return {"waiting": 0, "running": 0, "done": 0, "dead": 0, **repository.counts(tx)}

    def errors_of(self, state: str) -> dict[str, str]:
        with self._db.read() as tx:
            return repository.errors_of(tx, state)

    def sweep(self, keep: timedelta) -> int:
        with self._db.write() as tx:
            return repository.delete_done(tx, self._clock() - keep)

    def news(self) -> int:
        return self._commits

    def wait_for_news(self, seen: int, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: self._commits != seen, seconds)

    def _wake(self, _session: Any = None) -> None:
        with self._news:
            self._commits += 1
            self._news.notify_all()

    @staticmethod
    def _change(tx: Tx, job: Job, **values: object) -> None:
        """Changes the claimed job's row; raises LeaseLost when the claim is no longer ours."""
        if not repository.change_claimed(tx, job.id, job.fence, **values):
            raise LeaseLost(job.id)

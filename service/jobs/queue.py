"""The job queue's contract: every backend passes ``service/jobs/conformance.py``.

A job runs *at least once*: handlers are idempotent, and what they write they write in the transaction of
:meth:`JobQueue.finish`, which refuses a worker whose lease has passed to another (the fence). So a job's *effects*
happen once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, runtime_checkable

from service.db import Tx

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
VANISHED = "The worker vanished %(count)d times while doing this job (killed, or out of memory)."


class LeaseLost(Exception):
    """The job was taken over by another worker (or finished by one): drop what you did."""


class JobRefused(Exception):
    """Raised by a handler: trying again cannot help. The job goes to the dead letters at once."""


@dataclass(frozen=True)
class Job:
    """A claimed job. ``fence`` identifies this claim; ``attempts`` counts this one."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    fence: int
    lease_until: datetime = field(compare=False)


class JobQueue(Protocol):
    """Where work waits. Thread-safe."""

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
        """Adds a job in the caller's transaction: no commit, no job. With ``key``, a job of that key that still
        waits is kept and its id returned. ``run_at`` None is now; higher ``priority`` goes first."""

    def enqueue_period(self, kind: str, start: datetime) -> str | None:
        """Adds the job of a periodic kind for the period that begins at ``start``, in a transaction of its own, with
        the payload ``{"timestamp": seconds since 1970}``. None when some machine has done so for this period or a
        later one, or while the job of an earlier period still waits."""

    def claim(self, worker: str, kinds: Collection[str], *, lease: timedelta = LEASE) -> Job | None:
        """Takes the next due job, or one whose lease ran out; None when there is none."""

    def renew(self, job: Job, *, lease: timedelta = LEASE) -> None:
        """Prolongs the lease; raises LeaseLost."""

    def finish(self, job: Job) -> AbstractContextManager[Tx]:
        """A write transaction that ends with the job done; raises LeaseLost, before the block, if the claim is
        no longer ours. Raising inside rolls everything back and leaves the job claimed."""

    def retry(self, job: Job, error: str) -> bool:
        """Puts the job back with a growing delay, or after MAX_ATTEMPTS among the dead; True if it will run again."""

    def bury(self, job: Job, error: str) -> None:
        """Moves the job to the dead letters at once."""

    def give_back(self, job: Job) -> None:
        """Puts the job back as if it had not been claimed, for a worker that must stop; raises LeaseLost. Whoever
        still works on it can no longer finish."""

    def revive(self, job_id: str) -> bool:
        """Lets a dead job wait again, with all its attempts; False when there is none."""

    def counts(self) -> dict[str, int]:
        """Jobs by state: waiting, running, done, dead; all four are there."""

    def errors_of(self, state: str) -> dict[str, str]:
        """Job id to its last error, for the jobs in ``state``."""

    def sweep(self, keep: timedelta) -> int:
        """Removes the jobs that were done longer than ``keep`` ago; how many. Dead ones stay."""


@runtime_checkable
class Wakes(Protocol):
    """A power beside the queue: telling this process's workers that there may be something to do."""

    def news(self) -> int:
        """A number that changes when something was enqueued."""

    def wait_for_news(self, seen: int, seconds: float) -> None:
        """Returns when :meth:`news` is no longer ``seen``, at the latest after ``seconds``."""


@runtime_checkable
class Closes(Protocol):
    """A power beside the queue: it holds something open that must be closed at the end."""

    def close(self) -> None:
        """Ends what was opened."""


@dataclass
class Work:
    """What a handler gets: the process's wiring, the job, and the way to finish it."""

    wiring: Any
    job: Job
    finished: bool = False

    @property
    def payload(self) -> Mapping[str, Any]:
        return self.job.payload

    @property
    def last_try(self) -> bool:
        return self.job.attempts >= MAX_ATTEMPTS

    @contextmanager
    def finish(self) -> Iterator[Tx]:
        """The transaction in which the handler writes its result and the job becomes done."""
        queue: JobQueue = self.wiring.queue
        with queue.finish(self.job) as tx:
            yield tx
        self.finished = True


Handler = TypeVar("Handler", bound=Callable[[Work], None])


def job(kind: str, *, heavy: bool = False) -> Callable[[Handler], Handler]:
    """Marks ``handler(work)`` as what runs jobs of ``kind`` (``domain.verb``); found by discovery in ``jobs.py``.
    The handler must call ``work.finish()`` exactly once on success. ``heavy`` jobs are done one at a time, by a thread
    of their own, so that the others never wait for them."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__["job_kind"] = kind
        handler.__dict__["job_heavy"] = heavy
        return handler

    return mark


def periodic(kind: str, *, every: timedelta, heavy: bool = False) -> Callable[[Handler], Handler]:
    """As :func:`job`, for what has to be done again and again: workers enqueue it at the beginning of each period
    (counted from 1970, in UTC), once however many machines there are."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__["job_kind"] = kind
        handler.__dict__["job_every"] = every
        handler.__dict__["job_heavy"] = heavy
        return handler

    return mark


def period_start(now: datetime, every: timedelta) -> datetime:
    """When the period began that ``now`` lies in."""
    return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % every

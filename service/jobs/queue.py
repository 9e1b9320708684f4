"""The job queue's contract: every backend passes ``service/jobs/conformance.py``.

A job runs *at least once*: handlers are idempotent, and what they write they write in the transaction of
:meth:`JobQueue.finish`, which refuses a worker whose lease has passed to another (the fence). So a job's *effects*
happen once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from service.db import Tx

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5


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

    def revive(self, job_id: str) -> bool:
        """Lets a dead job wait again; False when there is none."""

    def counts(self) -> dict[str, int]:
        """Jobs by state: waiting, running, done, dead."""


@dataclass
class Work:
    """What a handler gets: the process's wiring, the job, and the way to finish it."""

    wiring: Any
    job: Job

    @property
    def payload(self) -> Mapping[str, Any]:
        return self.job.payload

    @property
    def last_try(self) -> bool:
        return self.job.attempts >= MAX_ATTEMPTS

    def finish(self) -> AbstractContextManager[Tx]:
        """The transaction in which the handler writes its result and the job becomes done."""
        manager: AbstractContextManager[Tx] = self.wiring.queue.finish(self.job)
        return manager


Handler = TypeVar("Handler", bound=Callable[[Work], None])


def job(kind: str) -> Callable[[Handler], Handler]:
    """Marks ``handler(work)`` as what runs jobs of ``kind`` (``domain.verb``); found by discovery in ``jobs.py``.
    The handler must call ``work.finish()`` exactly once on success."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__["job_kind"] = kind
        return handler

    return mark

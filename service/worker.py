"""Doing queued jobs: some threads that claim and run, and one that keeps their leases alive.

A handler's error puts the job back with a growing delay; JobRefused buries it; LeaseLost means that somebody else
has it now, so the work is dropped quietly. Stopping lets running jobs end for a while and gives the others back.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import structlog

from service.jobs.blame import blame
from service.jobs.queue import LEASE, Job, JobQueue, JobRefused, LeaseLost, Wakes, Work, period_start
from service.web.metrics import JOBS
from service.wiring import Wiring

IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 2.0
LIFE_SECONDS = 10.0
Handler = Callable[[Work], None]
log = structlog.get_logger("worker")


class Worker:
    """Runs ``handlers`` (by job kind) in ``settings.work.worker_count`` threads, and the heavy ones, one after the other,
    in one thread more. ``start`` returns at once."""

    def __init__(self, wiring: Wiring, handlers: Mapping[str, Handler], *, lease: timedelta = LEASE) -> None:
        self._wiring = wiring
        self._queue: JobQueue = wiring.queue
        self._handlers = dict(handlers)
        self._lease = lease
        found = {kind: getattr(handler, "job_every", None) for kind, handler in self._handlers.items()}
        self._periodic = {kind: every for kind, every in found.items() if every is not None}
        self._begun: dict[str, datetime] = {}
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._keeper: threading.Thread | None = None
        self._in_hand: dict[str, Job] = {}
        self._guard = threading.Lock()

    def start(self) -> None:
        """Starts the threads and returns."""
        heavy = {kind for kind, handler in self._handlers.items() if getattr(handler, "job_heavy", False)}
        light = set(self._handlers) - heavy
        hands = [(f"worker-{number}", light) for number in range(self._wiring.settings.work.worker_count)]
        for name, kinds in [*hands, *([("worker-heavy", heavy)] if heavy else [])]:
            thread = threading.Thread(target=self._loop, args=(kinds,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._keeper.start()

    def stop(self, grace: float = 15.0) -> None:
        """Claims nothing more, waits up to ``grace`` seconds for running jobs, gives the others back."""
        self._stopping.set()
        deadline = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._guard:
            left = list(self._in_hand.values())
        for job in left:
            try:
                self._queue.give_back(job)
            except LeaseLost:
                continue
            log.warning("job_given_back", job=job.id, kind=job.kind)
        self._ended.set()
        if self._keeper:
            self._keeper.join(5)
        self._wiring.pulse.pop("worker", None)

    def run_until_signal(self) -> None:
        """Works until SIGTERM or SIGINT."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        self.start()
        asked.wait()
        self.stop()

    def run_all(self) -> int:
        """Runs everything due now, in the caller's thread, until nothing is left; how many jobs were run."""
        count = 0
        while job := self._queue.claim(self._name, self._handlers, lease=self._lease):
            self._run(job)
            count += 1
        return count

    def _loop(self, kinds: Collection[str]) -> None:
        """One thread: claim, run, and rest when there is nothing. Trouble with the queue never ends it."""
        while not self._stopping.is_set():
            try:
                seen = self._queue.news() if isinstance(self._queue, Wakes) else 0
                job = self._queue.claim(self._name, kinds, lease=self._lease)
                if job is None:
                    self._rest(seen)
                else:
                    self._run(job)
            except Exception as error:  # noqa: BLE001 - a full disk must not end the worker
                log.error("worker_trouble", error=blame(error))
                self._stopping.wait(TROUBLE_SECONDS)

    def _rest(self, seen: int) -> None:
        if isinstance(self._queue, Wakes):
            self._queue.wait_for_news(seen, IDLE_SECONDS)
        else:
            self._stopping.wait(IDLE_SECONDS)

    def _run(self, job: Job) -> None:
        """Runs one claimed job to one of its ends."""
        started = time.perf_counter()
        with self._guard:
            self._in_hand[job.id] = job
        try:
            with structlog.contextvars.bound_contextvars(job=job.id, kind=job.kind, attempt=job.attempts):
                outcome = self._outcome(job)
                log.info("job", outcome=outcome, ms=round((time.perf_counter() - started) * 1000, 1))
            JOBS.labels(job.kind, outcome).inc()
        finally:
            with self._guard:
                self._in_hand.pop(job.id, None)

    def _outcome(self, job: Job) -> str:
        """done | lost | dead | retried, after the queue was told."""
        work = Work(self._wiring, job)
        try:
            try:
                self._handlers[job.kind](work)
            except LeaseLost:
                return "lost"
            except JobRefused as error:
                self._queue.bury(job, blame(error))
                log.error("job_refused", error=blame(error))
                return "dead"
            except Exception as error:  # noqa: BLE001 - any failure of a handler is the job's, not the worker's
                return self._again(job, error)
            if not work.finished:
                return self._again(job, RuntimeError("the handler ended without finishing its job"))
            return "done"
        except LeaseLost:
            return "lost"

    def _again(self, job: Job, error: Exception) -> str:
        again = self._queue.retry(job, blame(error))
        log.error("job_failed", error=blame(error), again=again, exc_info=error)
        return "retried" if again else "dead"

    def _keep(self) -> None:
        """The keeper: renews the leases of running jobs, shows that the worker lives, begins periods."""
        self._show_life()
        self._begin_periods()
        while not self._ended.wait(min(self._lease.total_seconds() / 3, LIFE_SECONDS)):
            self._show_life()
            with self._guard:
                held = list(self._in_hand.values())
            for job in held:
                self._renew(job)
            self._begin_periods()

    def _show_life(self) -> None:
        """Readiness looks here; a worker that lost a thread no longer counts as alive."""
        if all(thread.is_alive() for thread in self._threads):
            self._wiring.pulse["worker"] = self._wiring.clock()

    def _renew(self, job: Job) -> None:
        try:
            self._queue.renew(job, lease=self._lease)
        except LeaseLost:
            with self._guard:
                self._in_hand.pop(job.id, None)
        except Exception as error:  # noqa: BLE001 - the next beat tries again, the lease is three beats long
            log.error("worker_trouble", error=blame(error))

    def _begin_periods(self) -> None:
        """Enqueues the periodic jobs whose period has begun since this worker last looked; the queue sees to it that
        one worker of all does."""
        now = self._wiring.clock()
        for kind, every in self._periodic.items():
            start = period_start(now, every)
            if self._begun.get(kind) == start:
                continue
            try:
                self._queue.enqueue_period(kind, start)
            except Exception as error:  # noqa: BLE001 - the next beat tries again
                log.error("worker_trouble", error=blame(error))
            else:
                self._begun[kind] = start

"""The job queue's contract as a program: every backend passes it, against its real database.

A backend's tests make a subclass of :class:`QueueContract` with a fixture ``rig`` that gives a :class:`Rig`. The
methods are pytest tests; nothing here knows which backend it runs on.
"""

# ruff: noqa: S101 - this is a test suite that ships with the code

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.db import Database, Tx
from service.jobs.backoff import delay
from service.jobs.queue import LEASE, MAX_ATTEMPTS, Job, JobQueue, LeaseLost

KIND = "test.count"
KINDS = {KIND}
THREADS = 8
JOBS = 200
CLAIM_AND_HANG = """
import sys, time
from service.db import Database
from service.jobs.backends import {backend} as backend
from service.kit.clock import system_clock
queue = backend.open_queue(Database(sys.argv[1]), system_clock)
print(queue.claim("victim", {{"test.count"}}).id, flush=True)
time.sleep(60)
"""


@dataclass
class Rig:
    """A queue with its database, a clock that stands, and the way to move it. ``backend`` is the module's name."""

    queue: JobQueue
    db: Database
    backend: str
    now: Callable[[], datetime]
    move: Callable[[timedelta], None]

    def put(self, **more: Any) -> str:
        """Enqueues one job in its own transaction."""
        payload = more.pop("payload", {})
        with self.db.write() as tx:
            return self.queue.enqueue(tx, more.pop("kind", KIND), payload, **more)

    def take(self, worker: str = "one") -> Job:
        """Claims a job that must be there."""
        job = self.queue.claim(worker, KINDS)
        assert job is not None, "nothing to claim"
        return job

    def is_empty(self) -> bool:
        return self.queue.claim("nobody", KINDS) is None


def lost(action: Callable[[], object]) -> bool:
    """Whether ``action`` raises LeaseLost."""
    try:
        action()
    except LeaseLost:
        return True
    return False


def finish(queue: JobQueue, job: Job, effect: Callable[[Tx], object] = lambda _tx: None) -> None:
    with queue.finish(job) as tx:
        effect(tx)


class QueueContract:
    """What every queue does."""

    def test_a_job_is_claimed_finished_and_over(self, rig: Rig) -> None:
        job_id = rig.put(payload={"asset": "ast_1", "n": 3})
        job = rig.take()
        assert (job.id, job.kind, job.payload, job.attempts) == (job_id, KIND, {"asset": "ast_1", "n": 3}, 1)
        assert job.lease_until == rig.now() + LEASE
        assert rig.queue.counts() == {"waiting": 0, "running": 1, "done": 0, "dead": 0}
        finish(rig.queue, job)
        rig.move(LEASE * 2)
        assert rig.is_empty()
        assert rig.queue.counts() == {"waiting": 0, "running": 0, "done": 1, "dead": 0}

    def test_a_rolled_back_enqueue_leaves_nothing(self, rig: Rig) -> None:
        with suppress(KeyError), rig.db.write() as tx:
            rig.queue.enqueue(tx, KIND, {})
            raise KeyError("the caller thinks better of it")
        assert rig.is_empty()
        assert sum(rig.queue.counts().values()) == 0

    def test_only_asked_for_kinds_are_claimed(self, rig: Rig) -> None:
        rig.put(kind="test.other")
        assert rig.is_empty()
        assert rig.queue.claim("one", {"test.other"}) is not None

    def test_a_job_waits_for_its_time(self, rig: Rig) -> None:
        rig.put(run_at=rig.now() + timedelta(minutes=5))
        assert rig.is_empty()
        rig.move(timedelta(minutes=5))
        assert rig.take().attempts == 1

    def test_urgent_first_then_the_longest_due(self, rig: Rig) -> None:
        first = rig.put()
        rig.move(timedelta(seconds=1))
        second = rig.put()
        urgent = rig.put(priority=5)
        late = rig.put(priority=-1)
        assert [rig.take().id for _ in range(4)] == [urgent, first, second, late]

    def test_a_key_waits_once(self, rig: Rig) -> None:
        kept = rig.put(key="asset:1", payload={"n": 1})
        assert rig.put(key="asset:1", payload={"n": 2}) == kept
        assert rig.put(key="asset:2") != kept
        running = rig.take()
        assert running.id == kept
        assert running.payload == {"n": 1}
        assert rig.put(key="asset:1") != kept, "one that runs already may have read old data: another must wait"

    def test_two_claimers_never_hold_one_job(self, rig: Rig) -> None:
        for _ in range(40):
            rig.put()
        held: list[str] = []
        together = threading.Barrier(THREADS)

        def claim_all() -> None:
            together.wait()
            while job := rig.queue.claim(threading.current_thread().name, KINDS):
                held.append(job.id)

        run_in_threads(claim_all)
        assert len(held) == len(set(held)) == 40

    def test_a_lease_that_ran_out_passes_on_and_the_fence_holds(self, rig: Rig) -> None:
        rig.put()
        old = rig.take("slow")
        assert rig.is_empty()
        rig.move(LEASE + timedelta(seconds=1))
        new = rig.take("fast")
        assert new.id == old.id
        assert new.fence > old.fence
        assert new.attempts == 2
        assert lost(lambda: finish(rig.queue, old))
        assert lost(lambda: rig.queue.renew(old))
        assert lost(lambda: rig.queue.retry(old, "late"))
        assert lost(lambda: rig.queue.bury(old, "late"))
        assert lost(lambda: rig.queue.give_back(old))
        finish(rig.queue, new)
        assert lost(lambda: finish(rig.queue, new)), "a job is finished once"

    def test_a_lost_lease_runs_no_effect(self, rig: Rig) -> None:
        rig.put()
        old = rig.take()
        rig.move(LEASE + timedelta(seconds=1))
        rig.take()
        entered: list[bool] = []
        assert lost(lambda: finish(rig.queue, old, lambda _tx: entered.append(True)))
        assert entered == []

    def test_renewal_keeps_a_job(self, rig: Rig) -> None:
        rig.put()
        job = rig.take()
        for _ in range(4):
            rig.move(LEASE * 0.75)
            rig.queue.renew(job)
            assert rig.is_empty()
        finish(rig.queue, job)

    def test_an_error_in_finish_rolls_back_and_keeps_the_claim(self, rig: Rig) -> None:
        rig.put()
        job = rig.take()

        def effect(tx: Tx) -> None:
            rig.queue.enqueue(tx, KIND, {"follow": "up"})
            raise KeyError("disk full")

        with suppress(KeyError):
            finish(rig.queue, job, effect)
        assert rig.queue.counts()["running"] == 1
        assert rig.is_empty(), "the follow-up was rolled back, the job is still ours"
        finish(rig.queue, job)

    def test_failures_wait_longer_each_time_and_end_among_the_dead(self, rig: Rig) -> None:
        job_id = rig.put()
        for attempt in range(1, MAX_ATTEMPTS):
            assert rig.queue.retry(rig.take(), f"failure {attempt}") is True
            rig.move(delay(attempt, 0) - timedelta(milliseconds=1))
            assert rig.is_empty(), "too early"
            rig.move(delay(attempt, 1) - delay(attempt, 0) + timedelta(milliseconds=1))
        assert rig.queue.retry(rig.take(), "the last failure") is False
        rig.move(timedelta(days=30))
        assert rig.is_empty()
        assert rig.queue.counts()["dead"] == 1
        assert rig.queue.errors_of("dead") == {job_id: "the last failure"}

    def test_the_buried_stay_until_they_are_revived(self, rig: Rig) -> None:
        job_id = rig.put()
        rig.queue.bury(rig.take(), "hopeless")
        assert rig.queue.errors_of("dead") == {job_id: "hopeless"}
        assert rig.queue.revive("job_nothing") is False
        assert rig.queue.revive(job_id) is True
        assert rig.queue.revive(job_id) is False, "it waits already"
        assert rig.take().attempts == 1

    def test_giving_back_costs_no_attempt_and_disarms_the_giver(self, rig: Rig) -> None:
        rig.put()
        job = rig.take()
        rig.queue.give_back(job)
        assert lost(lambda: finish(rig.queue, job))
        again = rig.take("another")
        assert again.attempts == 1
        finish(rig.queue, again)

    def test_a_job_that_kills_its_workers_is_taken_out(self, rig: Rig) -> None:
        job_id = rig.put()
        for _ in range(MAX_ATTEMPTS):
            rig.take()
            rig.move(LEASE + timedelta(seconds=1))
        assert rig.is_empty()
        assert "vanished" in rig.queue.errors_of("dead")[job_id]

    def test_done_jobs_are_swept_and_others_stay(self, rig: Rig) -> None:
        for _ in range(3):
            rig.put()
        finish(rig.queue, rig.take())
        rig.queue.bury(rig.take(), "no")
        rig.move(timedelta(days=2))
        assert rig.queue.sweep(timedelta(days=3)) == 0
        assert rig.queue.sweep(timedelta(days=1)) == 1
        assert rig.queue.counts() == {"waiting": 1, "running": 0, "done": 0, "dead": 1}

    def test_promise_19_a_killed_claimers_job_is_taken_up_again(self, rig: Rig) -> None:
        rig.move(datetime.now(rig.now().tzinfo) - rig.now())  # the victim goes by its machine's clock
        job_id = rig.put()
        program = CLAIM_AND_HANG.format(backend=rig.backend)
        victim = subprocess.Popen([sys.executable, "-c", program, rig.db.url], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        with victim:
            assert victim.stdout is not None
            assert victim.stdout.readline().strip() == job_id
            victim.send_signal(signal.SIGKILL)
        assert rig.queue.counts()["running"] == 1
        rig.move(datetime.now(rig.now().tzinfo) - rig.now() + LEASE + timedelta(seconds=1))
        job = rig.take()
        assert (job.id, job.attempts) == (job_id, 2)
        finish(rig.queue, job)

    def test_many_threads_do_every_job_once_in_effect(self, rig: Rig) -> None:
        with rig.db.write() as tx:
            ids = {rig.queue.enqueue(tx, KIND, {"n": n}) for n in range(JOBS)}
        effects: Counter[str] = Counter()

        def work() -> None:
            while job := rig.queue.claim(threading.current_thread().name, KINDS):
                with rig.queue.finish(job):
                    effects[job.id] += 1  # each thread has another job

        run_in_threads(work)
        assert effects == Counter(ids)
        assert rig.queue.counts() == {"waiting": 0, "running": 0, "done": JOBS, "dead": 0}


def run_in_threads(target: Callable[[], None]) -> None:
    """Runs ``target`` in eight threads at once, and raises what any of them raised."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            target()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=guarded, name=f"claimer-{n}") for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]

"""The part of the queue's contract about what is there only once: one waiting job of a key, one job of a period.

Used as ``service/jobs/conformance.py`` is, with the same fixture ``rig``.
"""

# ruff: noqa: S101 - this is a test suite that ships with the code

from __future__ import annotations

import threading
from datetime import timedelta

from service.jobs.conformance import KIND, KINDS, THREADS, Rig, finish, run_in_threads
from service.jobs.queue import LEASE, Job, period_start


class OnceContract:
    """What every queue does once."""

    def test_who_finds_a_waiting_job_of_its_key_is_waited_for(self, rig: Rig) -> None:
        """A job must not run between "one waits already" and the commit of what it is to see."""
        kept = rig.put(key="asset:1")
        claimed: list[Job | None] = []
        claimer = threading.Thread(target=lambda: claimed.append(rig.queue.claim("early", KINDS)))
        with rig.db.write() as tx:
            assert rig.queue.enqueue(tx, KIND, {}, key="asset:1") == kept
            claimer.start()
            claimer.join(1)
            assert claimed in ([], [None]), "claimed before the caller's commit"
        claimer.join(60)
        found = claimed[0] or rig.take()
        assert found.id == kept

    def test_a_job_that_comes_back_beside_one_of_its_key_is_done_all_the_same(self, rig: Rig) -> None:
        for back in (lambda job: rig.queue.retry(job, "no"), rig.queue.give_back, lambda _job: rig.move(LEASE * 2)):
            rig.put(key="asset:1")
            first = rig.take()
            rig.put(key="asset:1")
            back(first)
            rig.move(timedelta(hours=2))
            done = 0
            while job := rig.queue.claim("one", KINDS):
                finish(rig.queue, job)
                done += 1
            assert done in {1, 2}
            assert rig.queue.counts()["waiting"] == rig.queue.counts()["running"] == 0

    def test_a_period_is_enqueued_once(self, rig: Rig) -> None:
        first, hour = period_start(rig.now(), timedelta(hours=1)), timedelta(hours=1)
        made = [rig.queue.enqueue_period(KIND, first) for _ in range(3)]
        assert made[0] is not None
        assert made[1:] == [None, None]
        assert rig.queue.enqueue_period(KIND, first + hour) is None, "the one before still waits"
        job = rig.take()
        assert (job.id, job.payload) == (made[0], {"timestamp": int(first.timestamp())})
        finish(rig.queue, job)
        assert rig.queue.enqueue_period(KIND, first) is None
        assert rig.queue.enqueue_period(KIND, first + hour) is not None
        assert rig.queue.enqueue_period("test.other", first) is not None

    def test_of_many_at_once_one_begins_a_period(self, rig: Rig) -> None:
        start = period_start(rig.now(), timedelta(minutes=5))
        together, made = threading.Barrier(THREADS), []

        def begin() -> None:
            together.wait()
            made.append(rig.queue.enqueue_period(KIND, start))

        run_in_threads(begin)
        assert len([job for job in made if job is not None]) == 1
        assert rig.queue.counts()["waiting"] == 1

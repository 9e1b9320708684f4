"""The worker: how jobs end, how it starts and stops, what it leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from service.jobs.queue import MAX_ATTEMPTS, JobRefused, Work
from service.migrate import migrate
from service.settings import load
from service.wiring import Wiring
from service.worker import Handler, Worker
from tests.conftest import MovableClock

KIND = "test.work"


def put(wiring: Wiring, **payload: object) -> str:
    with wiring.db.write() as tx:
        return str(wiring.queue.enqueue(tx, KIND, payload))


def succeed(work: Work) -> None:
    with work.finish():
        pass


def ended(outcome: str) -> float:
    return REGISTRY.get_sample_value("tillpaid_jobs_total", {"kind": KIND, "outcome": outcome}) or 0.0


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


@contextmanager
def running(wiring: Wiring, handler: Handler, lease: timedelta = timedelta(seconds=60)) -> Iterator[Worker]:
    worker = Worker(wiring, {KIND: handler}, lease=lease)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(grace=20)


@pytest.fixture
def real(tmp_path: Path, database: str) -> Iterator[Wiring]:
    """On the system's clock, with two threads."""
    environ = {"TILLPAID_WORKERS": "2", "TILLPAID_DATABASE_URL": database}
    made = Wiring(load(environ, data_dir=tmp_path / "real"))
    migrate(made.db)
    yield made
    made.close()


def test_run_all_does_what_is_due_and_what_follows_from_it(wiring: Wiring) -> None:
    done: list[int] = []

    def handler(work: Work) -> None:
        with work.finish() as tx:
            done.append(work.payload["n"])
            if work.payload["n"]:
                wiring.queue.enqueue(tx, KIND, {"n": work.payload["n"] - 1})

    put(wiring, n=2)
    before = ended("done")
    assert Worker(wiring, {KIND: handler}).run_all() == 3
    assert done == [2, 1, 0]
    assert ended("done") == before + 3


def test_a_failure_is_kept_in_words_and_tried_again_later(wiring: Wiring, clock: MovableClock) -> None:
    tries: list[bool] = []

    def fail(work: Work) -> None:
        tries.append(work.last_try)
        raise OSError("see https://host/s/secret")

    job = put(wiring)
    worker = Worker(wiring, {KIND: fail})
    assert worker.run_all() == 1
    assert wiring.queue.errors_of("waiting") == {job: "OSError: see (address)"}
    for _ in range(MAX_ATTEMPTS - 1):
        clock.move(hours=2)
        assert worker.run_all() == 1
    clock.move(days=3)
    assert worker.run_all() == 0
    assert tries == [False] * (MAX_ATTEMPTS - 1) + [True]
    assert wiring.queue.counts()["dead"] == 1


def test_a_refused_job_is_not_tried_again(wiring: Wiring) -> None:
    def refuse(work: Work) -> None:
        raise JobRefused("this can never work")

    job = put(wiring)
    Worker(wiring, {KIND: refuse}).run_all()
    assert wiring.queue.errors_of("dead") == {job: "JobRefused: this can never work"}


def test_a_handler_that_forgets_to_finish_is_found_out(wiring: Wiring) -> None:
    job = put(wiring)
    Worker(wiring, {KIND: lambda work: None}).run_all()
    assert "without finishing" in wiring.queue.errors_of("waiting")[job]


def test_work_that_was_taken_over_is_dropped_quietly(wiring: Wiring, clock: MovableClock) -> None:
    effects: list[str] = []

    def dawdle(work: Work) -> None:
        clock.move(minutes=5)
        thief = wiring.queue.claim("thief", {KIND})
        with wiring.queue.finish(thief):
            effects.append("thief")
        with work.finish():
            effects.append("ours")

    put(wiring)
    before = ended("lost")
    Worker(wiring, {KIND: dawdle}).run_all()
    assert effects == ["thief"]
    assert ended("lost") == before + 1


def test_other_domains_jobs_are_left_alone(wiring: Wiring) -> None:
    put(wiring)
    assert Worker(wiring, {"test.other": succeed}).run_all() == 0


def test_start_returns_at_once_and_new_work_is_found_quickly(real: Wiring) -> None:
    done = threading.Event()

    def handler(work: Work) -> None:
        succeed(work)
        done.set()

    started = time.monotonic()
    with running(real, handler):
        assert time.monotonic() - started < 2
        put(real)
        assert done.wait(20)


def test_a_long_job_keeps_its_lease(real: Wiring) -> None:
    """Three leases long, in sight of an idle thread that would take it over."""
    runs: list[int] = []

    def slow(work: Work) -> None:
        runs.append(work.job.attempts)
        time.sleep(2.4)
        succeed(work)

    put(real)
    with running(real, slow, lease=timedelta(seconds=0.8)):
        assert until(lambda: real.queue.counts()["done"] == 1)
    assert runs == [1]


def test_stopping_lets_a_job_end(real: Wiring) -> None:
    begun = threading.Event()

    def slow(work: Work) -> None:
        begun.set()
        time.sleep(0.5)
        succeed(work)

    put(real)
    with running(real, slow):
        assert begun.wait(20)
    assert real.queue.counts()["done"] == 1
    assert real.pulse == {}


def test_stopping_gives_back_what_does_not_end(real: Wiring) -> None:
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def endless(work: Work) -> None:
        begun.set()
        go_on.wait(20)
        try:
            succeed(work)
        finally:
            over.set()

    put(real)
    worker = Worker(real, {KIND: endless})
    worker.start()
    assert begun.wait(20)
    worker.stop(grace=0.1)
    assert real.queue.counts() == {"waiting": 1, "running": 0, "done": 0, "dead": 0}
    go_on.set()
    assert over.wait(20)
    assert real.queue.counts()["done"] == 0, "what was given back cannot be finished any more"


def test_trouble_with_the_queue_does_not_end_the_worker(real: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.worker.TROUBLE_SECONDS", 0.05)
    table = "jobs" if real.db.is_sqlite else "procrastinate_jobs"
    with real.db.write() as tx:
        tx.execute(text(f"alter table {table} rename to gone"))
    with running(real, succeed):
        time.sleep(0.3)
        with real.db.write() as tx:
            tx.execute(text(f"alter table gone rename to {table}"))
        put(real)
        assert until(lambda: real.queue.counts()["done"] == 1)


def test_it_shows_that_it_lives(real: Wiring) -> None:
    with running(real, succeed):
        assert until(lambda: "worker" in real.pulse)

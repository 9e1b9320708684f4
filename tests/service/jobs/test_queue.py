"""Both queues keep the contract, and wake who waits."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from service.jobs.conformance import KINDS, QueueContract, Rig
from service.jobs.conformance_keys import OnceContract
from service.jobs.queue import Wakes
from service.wiring import Wiring
from tests.conftest import MovableClock


@pytest.fixture
def rig(wiring: Wiring, clock: MovableClock) -> Rig:
    def move(by: timedelta) -> None:
        clock.now += by

    return Rig(wiring.queue, wiring.db, "sqlite" if wiring.db.is_sqlite else "postgres", clock, move)


class TestQueue(QueueContract, OnceContract):
    """Every test of the contract."""


def test_a_commit_wakes_who_waits(rig: Rig) -> None:
    queue = rig.queue
    assert isinstance(queue, Wakes)
    queue.wait_for_news(queue.news(), 2)  # on PostgreSQL this begins to listen, which is news itself
    seen = queue.news()
    waited: list[float] = []

    def wait() -> None:
        started = time.monotonic()
        queue.wait_for_news(seen, 20)
        waited.append(time.monotonic() - started)

    waiter = threading.Thread(target=wait)
    waiter.start()
    rig.put()
    waiter.join(20)
    assert waited[0] < 10


def test_a_rollback_wakes_nobody(rig: Rig) -> None:
    queue = rig.queue
    assert isinstance(queue, Wakes)
    seen = queue.news()
    with pytest.raises(KeyError), rig.db.write() as tx:
        queue.enqueue(tx, next(iter(KINDS)), {})
        raise KeyError
    assert queue.news() == seen


def test_an_idle_look_takes_no_write_lock(rig: Rig) -> None:
    """A claim that finds nothing must not wait for a long write: here it would wait for itself."""
    with rig.db.write():
        assert rig.is_empty()

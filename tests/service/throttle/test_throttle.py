"""Counting in fixed windows: by whom, by what, for how long; nobody's address is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.errors import TooManyRequests
from service.throttle.models import ThrottleCount
from service.throttle.throttle import throttle, window_start
from service.wiring import Wiring
from tests.conftest import MovableClock

MINUTE = timedelta(minutes=1)


def knock(wiring: Wiring, whom: str = "192.0.2.7", what: str = "door", limit: int = 3) -> None:
    with wiring.db.write() as tx:
        throttle(tx, wiring, what, whom, limit=limit, window=MINUTE)


def rows(wiring: Wiring) -> list[tuple[str, int]]:
    with wiring.db.read() as tx:
        return [(row.key, row.count) for row in tx.scalars(select(ThrottleCount))]


def test_promise_28_the_knock_past_the_limit_is_refused_until_the_window_ends(
    wiring: Wiring, clock: MovableClock
) -> None:
    clock.move(seconds=20)
    for _ in range(3):
        knock(wiring)
    with pytest.raises(TooManyRequests) as refusal:
        knock(wiring)
    assert refusal.value.retry_after == 40
    assert refusal.value.commit
    clock.move(seconds=40)
    knock(wiring)


def test_promise_28_others_and_other_things_are_counted_apart(wiring: Wiring) -> None:
    for _ in range(3):
        knock(wiring)
    knock(wiring, whom="192.0.2.8")
    knock(wiring, what="window")
    assert sorted(count for _, count in rows(wiring)) == [1, 1, 3]


def test_no_address_is_kept(wiring: Wiring) -> None:
    knock(wiring, whom="anna@example.com")
    [(key, _)] = rows(wiring)
    assert "anna" not in key
    assert key.startswith("door:")


def test_old_windows_are_swept(wiring: Wiring, clock: MovableClock) -> None:
    knock(wiring)
    clock.move(days=3)
    knock(wiring)
    assert len(rows(wiring)) == 1


def test_a_window_longer_than_a_day_is_a_mistake(wiring: Wiring) -> None:
    with wiring.db.write() as tx, pytest.raises(ValueError, match="a day"):
        throttle(tx, wiring, "door", "x", limit=1, window=timedelta(days=2))


def test_windows_begin_where_the_clock_is_a_multiple() -> None:
    now = datetime(2026, 3, 2, 9, 7, 41, 5, tzinfo=UTC)
    assert window_start(now, timedelta(minutes=20)) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

"""The wait after a failure: grows, is capped, and is spread."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from service.jobs.backoff import LONGEST, delay


def test_each_wait_is_longer_than_the_one_before_even_at_its_luckiest() -> None:
    waits = [(delay(n, 0), delay(n, 0.999)) for n in range(1, 5)]
    assert waits[0][0] == timedelta(seconds=10)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(waits))


def test_no_wait_passes_the_longest_by_more_than_the_spread() -> None:
    assert delay(50, 0) == LONGEST
    assert delay(50, 0.999) <= LONGEST * 1.2

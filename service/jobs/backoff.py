"""How long a failed job waits: a pure rule, so that every backend waits alike."""

from __future__ import annotations

from datetime import timedelta

FIRST_SECONDS = 10
GROWTH = 5
LONGEST = timedelta(hours=1)
SPREAD = 0.2


def delay(attempts: int, jitter: float) -> timedelta:
    """The wait after the ``attempts``-th failure (1 is the first): 10 s, 50 s, 4 min, 21 min, at most an hour, each up
    to a fifth longer by ``jitter`` in [0, 1), so that jobs that failed together do not come back together."""
    plain = timedelta(seconds=min(FIRST_SECONDS * GROWTH ** (attempts - 1), LONGEST.total_seconds()))
    return plain * (1 + SPREAD * jitter)

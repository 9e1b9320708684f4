"""Rate limits: fixed windows, counted in the database, so that every process counts together.

Whom a counter is for (an address, an e-mail, a share link) is kept only as a keyed hash: the table tells nobody
who came by.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.db import Tx
from service.errors import TooManyRequests
from service.throttle import repository
from service.wiring import Wiring

LONGEST = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def throttle(tx: Tx, wiring: Wiring, what: str, whom: str, *, limit: int, window: timedelta) -> None:
    """Counts one ``what`` by ``whom`` (any text; only its keyed hash is kept) and raises TooManyRequests, with the
    seconds until the window ends, when that makes more than ``limit`` in this ``window`` (at most a day).

    The refusal commits what was written before it, so callers throttle first and write afterwards.
    """
    if not timedelta(seconds=1) <= window <= LONGEST:
        raise ValueError("a throttle's window is between a second and a day")
    now = wiring.clock()
    start = window_start(now, window)
    count = repository.count_up(tx, f"{what}:{hidden(wiring, what, whom)}", start)
    if count == 1:
        repository.sweep(tx, now - 2 * LONGEST)
    if count > limit:
        left = (start + window - now).total_seconds()
        raise TooManyRequests(retry_after=max(1, round(left)), commit=True)


def window_start(now: datetime, window: timedelta) -> datetime:
    """The beginning of the fixed window that ``now`` lies in, counted from 1970."""
    return now - (now - _EPOCH) % window


def hidden(wiring: Wiring, what: str, whom: str) -> str:
    """A keyed hash of whom (32 hex digits): without the server's key nobody can try addresses against it."""
    return wiring.signer.mac("throttle", f"{what}\0{whom}")[:32]

"""How many transactions may be under way at once, and what happens to those who come when it is full.

Inside a transaction a request holds a database connection and now and then a worker thread. Without a limit a crowd takes
all of both, each waiting for what another holds. So a few are let in; the others wait outside, on the event loop, where
waiting costs nothing; and who would wait too long is told so (503, with Retry-After) rather than kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import Unavailable
from service.web.metrics import TURNED_AWAY

READERS, READERS_OF_A_SERVER = 6, 8
"""Python computes in one thread at a time, and threads that hand it to each other cost: with twenty readers inside, a page
took half as much again as with four. A few more let short ones pass a long one; and PostgreSQL's answers take their time,
in which another may compute."""
WRITERS = 12
"""All together fewer than the worker threads (40) and than connections to PostgreSQL (``service.db.POOL``)."""
MOST_WAITING = 500
LONGEST_WAIT = 30.0
AGAIN_SECONDS = 5


class Door:
    """Lets ``inside`` in at once. Lives on one event loop."""

    def __init__(self, name: str, inside: int, *, waiting: int = MOST_WAITING, seconds: float = LONGEST_WAIT) -> None:
        self.name = name
        self._places = asyncio.Semaphore(inside)
        self._most_waiting, self._seconds = waiting, seconds
        self._waiting = 0

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Holds a place for the block. Raises Unavailable when too many wait, or it took too long to get in."""
        if self._places.locked() and self._waiting >= self._most_waiting:
            raise self._full()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise self._full() from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    def _full(self) -> Unavailable:
        TURNED_AWAY.labels(self.name).inc()
        return Unavailable(retry_after=AGAIN_SECONDS)


def doors(*, one_writer: bool) -> tuple[Door, Door]:
    """For reading and for writing. SQLite has one writer; PostgreSQL sorts them out by rows."""
    if one_writer:
        return Door("read", READERS), Door("write", 1)
    return Door("read", READERS_OF_A_SERVER), Door("write", WRITERS)

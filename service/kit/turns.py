"""Waiting in turn, on the event loop: so many at once, and one party's long queue does not stand before another's."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """At most ``limit`` holders at a time. Who waits is served by party in rotation, within a party in order: whoever
    asks for three hundred things and whoever asks for one each get every second turn. For one event loop."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def taken_by(self, party: str) -> AsyncIterator[None]:
        """Waits for a turn and holds it for the length of the block."""
        await self._take(party)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, party: str) -> None:
        if self._free:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(party, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # the turn came in the same moment: somebody else may have it
                self._pass_on()
            else:
                self._leave(party, mine)
            raise

    def _pass_on(self) -> None:
        while self._queues:
            party, queue = self._queues.popitem(last=False)
            following = queue.popleft()
            if queue:
                self._queues[party] = queue  # to the end of the rotation
            if not following.done():
                following.set_result(None)
                return
        self._free += 1

    def _leave(self, party: str, mine: asyncio.Future[None]) -> None:
        queue = self._queues.get(party)
        if queue and mine in queue:
            queue.remove(mine)
            if not queue:
                del self._queues[party]

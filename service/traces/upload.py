"""A found picture that comes by the web: taken in, read in turn, answered. The same for the page and for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.accounts.who import Who
from service.db import Tx
from service.kit.turns import Turns
from service.throttle.throttle import throttle
from service.traces.receive import FoundFile, received
from service.traces.trace import Traced, name_links, read_marks
from service.web.boundary import wiring_of, write_transaction

MOST = 120
WINDOW = timedelta(hours=1)
Answer = TypeVar("Answer")


async def trace_upload(request: Request, who: Who, answer: Callable[[Tx, FoundFile, Traced], Answer]) -> Answer:
    """What ``answer(tx, found, traced)`` says, in the transaction that keeps the trace in the history. One file is read at
    a time, by studio in rotation; 120 by one studio in an hour. Raises TooManyRequests, and as ``received`` and
    ``read_marks``."""
    wiring = wiring_of(request)
    async with write_transaction(request) as tx:
        await run_in_threadpool(throttle, tx, wiring, "trace", who.studio.id, limit=MOST, window=WINDOW)
    async with received(request) as found:
        async with _turns(request).taken_by(who.studio.id):
            readings = await run_in_threadpool(read_marks, wiring, found.file.fileno(), found.filename)

        def conclude(tx: Tx) -> Answer:
            traced = name_links(tx, wiring, readings, sha256=found.sha256, studio_id=who.studio.id, actor=who.actor)
            return answer(tx, found, traced)

        async with write_transaction(request) as tx:
            return await run_in_threadpool(conclude, tx)


def _turns(request: Request) -> Turns:
    state = request.app.state
    if not hasattr(state, "tracing"):
        state.tracing = Turns(1)
    turns: Turns = state.tracing
    return turns

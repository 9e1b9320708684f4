"""One request is one transaction; only this boundary (and a job's finish) commits.

A route declared on :class:`PageRoute` or :class:`ApiRoute` runs inside a transaction that is opened after the
body has been read (a slow sender holds nothing) and committed before the answer is sent. Safe methods read
from an engine that cannot write, unless the endpoint is marked :func:`writes` or raises :class:`WriteFirst`. An endpoint that streams its own
body is marked :func:`own_transactions` and opens one with :func:`write_transaction` when the bytes are safe.

Who has to wait for others waits at a door first (``service/web/door.py``), where it holds no thread and no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from service.db import Tx
from service.errors import TillpaidError, TooLarge
from service.web.csrf import check_csrf
from service.web.door import Door
from service.wiring import Wiring

SAFE = {"GET", "HEAD", "OPTIONS"}
MAX_FORM_BYTES = 2 * 1024 * 1024
Looked = TypeVar("Looked")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Awaitable[Response]]
BeforeCommit = Callable[[Tx, Response], None]


class Answered(Exception):
    """Carries a ready answer out of a dependency: the handler is not run, nothing is committed."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__("answered")


class WriteFirst(Exception):
    """Raised while reading, when something must be written before the answer (a first view is noted): ``write`` is then
    done in a short transaction of its own, and the request is read again. So pages are made while nobody waits for
    the lock. ``write`` has to make it so that the second reading does not raise this again."""

    def __init__(self, write: Callable[[Tx], None]) -> None:
        self.write = write
        super().__init__("to be written first")


def writes(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint for a safe method that must write each time (a download is counted). See also WriteFirst."""
    endpoint.__dict__["writes"] = True
    return endpoint


def own_transactions(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint that reads its own body and opens its own transactions."""
    endpoint.__dict__["own_transactions"] = True
    return endpoint


def wiring_of(request: Request) -> Wiring:
    """The process's wiring."""
    return cast(Wiring, request.app.state.wiring)


def tx_of(request: Request) -> Tx:
    """The request's transaction."""
    return cast(Tx, request.state.tx)


WiringDep = Annotated[Wiring, Depends(wiring_of)]
TxDep = Annotated[Tx, Depends(tx_of)]


@asynccontextmanager
async def write_transaction(request: Request) -> AsyncIterator[Tx]:
    """A write transaction for code on the event loop; use the session only through ``run_in_threadpool``.
    Commits at the end of the block, rolls back when it raises."""
    db = wiring_of(request).db
    async with _writing(request):
        tx = await run_in_threadpool(db.begin_write)
        try:
            yield tx
        except BaseException:
            await run_in_threadpool(db.finish, tx, keep=False)
            raise
        await run_in_threadpool(db.finish, tx, keep=True)


async def read_in_turn(request: Request, look: Callable[[Tx], Looked]) -> Looked:
    """What ``look`` finds in a reading transaction, in a thread, for code on the event loop that opens its own. It waits
    at the same door as every other reader: else a crowd of such requests would take the connections and the threads that
    those inside need to come to their end."""
    db = wiring_of(request).db

    def read() -> Looked:
        with db.read() as tx:
            return look(tx)

    async with cast(Door, request.app.state.reading).passed():
        return await run_in_threadpool(read)


def before_commit(request: Request, hook: BeforeCommit) -> None:
    """Runs ``hook(tx, response)`` after the endpoint, in its transaction, if it succeeded."""
    request.state.before_commit.append(hook)


class TransactionRoute(APIRoute):
    """A route that runs in one transaction."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        inner = cast(Handler, super().get_route_handler())
        marks = self.endpoint.__dict__
        needs_write = bool(set(self.methods or ()) - SAFE) or bool(marks.get("writes"))

        async def handle(request: Request) -> Response:
            request.state.before_commit = []
            if marks.get("own_transactions"):
                await self.check(request)
                return await inner(request)
            await _read_body(request)
            await self.check(request)
            if needs_write:
                return await _in_write(request, inner)
            try:
                return await _in_read(request, inner)
            except WriteFirst as first:
                async with write_transaction(request) as tx:
                    await run_in_threadpool(first.write, tx)
            return await _in_read(request, inner)

        return handle

    async def check(self, request: Request) -> None:
        """What must hold before the endpoint runs; raises a TillpaidError."""


class PageRoute(TransactionRoute):
    """A route that browsers' forms post to: refused without our CSRF token or from another site."""

    async def check(self, request: Request) -> None:
        if request.method not in SAFE:
            await check_csrf(request, wiring_of(request).signer)


class ApiRoute(TransactionRoute):
    """A route for programs: authenticated by bearer token only, never by cookie, so no CSRF check."""


async def _read_body(request: Request) -> None:
    """Reads a form or JSON body whole, within the limit, and keeps it for the endpoint."""
    if request.method in SAFE:
        return
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise TooLarge
    request._body = bytes(body)


async def _in_read(request: Request, inner: Handler) -> Response:
    db = wiring_of(request).db
    async with cast(Door, request.app.state.reading).passed():
        request.state.tx = tx = db.begin_read()
        try:
            return await inner(request)
        except Answered as answered:
            return answered.response
        finally:
            await asyncio.shield(run_in_threadpool(db.finish, tx, keep=False))


async def _in_write(request: Request, inner: Handler) -> Response:
    db = wiring_of(request).db
    async with _writing(request):
        request.state.tx = tx = await run_in_threadpool(db.begin_write)
        keep = False
        try:
            response = await inner(request)
            for hook in request.state.before_commit:
                await run_in_threadpool(hook, tx, response)
            keep = True
            return response
        except Answered as answered:
            return answered.response
        except TillpaidError as error:
            keep = error.commit
            raise
        finally:
            await asyncio.shield(run_in_threadpool(db.finish, tx, keep=keep))


def _writing(request: Request) -> AbstractAsyncContextManager[None]:
    """A place among those who write."""
    return cast(Door, request.app.state.writing).passed()

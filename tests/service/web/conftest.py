"""A few routes that only tests have, on the real application: each does one thing to the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from sqlalchemy import select, text
from starlette.concurrency import run_in_threadpool
from starlette.testclient import TestClient

from service.app import create_app
from service.db import Tx, locked
from service.errors import Conflict, Forbidden, TooManyRequests
from service.throttle.models import ThrottleCount
from service.web.boundary import (
    Answered,
    ApiRoute,
    PageRoute,
    TxDep,
    before_commit,
    own_transactions,
    write_transaction,
    writes,
)
from service.web.csrf import csrf_token
from service.web.templates import redirect, render
from service.wiring import Wiring
from tests.conftest import resettled

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HTML = {"Accept": "text/html"}
api = APIRouter(prefix="/api/v1/probe", route_class=ApiRoute)
pages = APIRouter(prefix="/probe", route_class=PageRoute)


def put(tx: Tx, name: str, count: int = 1) -> None:
    """Leaves a trace that :func:`trace` finds if it was committed."""
    tx.merge(ThrottleCount(key=name, window_start=EPOCH, count=count))
    tx.flush()


def trace(wiring: Wiring, name: str) -> int:
    """The count that was left under ``name``, 0 if none."""
    with wiring.db.read() as tx:
        found = tx.scalar(select(ThrottleCount.count).where(ThrottleCount.key == name))
    return found or 0


class Named(BaseModel):
    name: str
    count: int = 1


@api.post("/put")
def put_it(tx: TxDep, body: Named) -> dict[str, bool]:
    put(tx, body.name, body.count)
    return {"ok": True}


@api.post("/increment")
def increment(tx: TxDep) -> dict[str, int]:
    """Reads, then writes what it read plus one: two at once would lose a count."""
    row = tx.scalar(locked(select(ThrottleCount).where(ThrottleCount.key == "counter")))
    count = (row.count if row else 0) + 1
    put(tx, "counter", count)
    return {"count": count}


@api.post("/refuse")
def refuse(tx: TxDep) -> None:
    put(tx, "refused")
    raise Conflict


@api.post("/refuse-and-remember")
def refuse_and_remember(tx: TxDep) -> None:
    put(tx, "remembered")
    raise TooManyRequests(retry_after=7, commit=True)


@api.post("/crash")
def crash(tx: TxDep) -> None:
    put(tx, "crashed")
    raise RuntimeError("a secret inside: hunter2")


@api.post("/cannot-commit")
def cannot_commit(tx: TxDep) -> dict[str, bool]:
    """What it writes is found wrong only at the commit."""
    tx.execute(text("pragma defer_foreign_keys = on"))
    tx.execute(
        text(
            "insert into outbox_messages (id, studio_id, delivery_id, kind, recipient, reply_to, locale, subject, body,"
            " state, attempts, error, created_at) values ('m', 'nobody', '', '', '', '', '', '', '', '', 0, '', '2026-01-01')"
        )
    )
    return {"ok": True}


@api.post("/hook")
def hook(request: Request, tx: TxDep, body: Named) -> dict[str, bool]:
    def hooked(own: Tx, response: Response) -> None:
        put(own, "hooked", response.status_code)
        if body.name == "fail":
            raise Conflict

    put(tx, "before hook")
    before_commit(request, hooked)
    return {"ok": True}


@api.get("/write-on-get")
def write_on_get(tx: TxDep) -> None:
    put(tx, "got")


@api.get("/counted-get")
@writes
def counted_get(tx: TxDep) -> dict[str, bool]:
    put(tx, "counted")
    return {"ok": True}


@api.post("/stream")
@own_transactions
async def stream(request: Request, fail: bool = False) -> Response:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    async with write_transaction(request) as tx:
        await run_in_threadpool(put, tx, "streamed", size)
        if fail:
            raise Conflict
    return JSONResponse({"size": size})


@api.post("/answered")
def answered(tx: TxDep) -> None:
    put(tx, "answered")
    raise Answered(PlainTextResponse("ready-made", 202))


@pages.get("/token")
def token(request: Request) -> Response:
    """A page with a form: gives the browser its cookie and says the token."""
    made = csrf_token(request)
    page = render(request, "error.html", error=Forbidden(), message="form")
    page.headers["X-Token"] = made
    return page


@pages.post("/form")
def form(request: Request, tx: TxDep, name: Annotated[str, Form()]) -> Response:
    put(tx, f"form {name}")
    return redirect(request, "/probe/token", flash="Done <b>well</b>.")


@pages.post("/stream")
@own_transactions
async def page_stream(request: Request) -> Response:
    async for _chunk in request.stream():
        pass
    return PlainTextResponse("ok")


def with_probes(wiring: Wiring) -> Any:
    app = create_app(wiring)
    app.include_router(api)
    app.include_router(pages)
    return app


@pytest.fixture
def app(wiring: Wiring) -> Any:
    return with_probes(wiring)


@pytest.fixture
def probe(app: Any) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture
def secure(wiring: Wiring) -> Iterator[TestClient]:
    """The same on https."""
    wiring.settings = resettled(wiring, TILLPAID_BASE_URL="https://files.example.com")
    base = "https://files.example.com"
    app = with_probes(wiring)
    with TestClient(app, base_url=base, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made

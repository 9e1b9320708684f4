"""One request is one transaction: all of it or nothing, committed before the answer, and never held by a slow sender."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import QueuePool
from starlette.testclient import TestClient

from service.web.boundary import MAX_FORM_BYTES
from service.wiring import Wiring
from tests.own_loop import run_in_own_loop
from tests.service.web.conftest import put, trace

WRITERS = 60


def test_what_succeeded_is_kept(probe: TestClient, wiring: Wiring) -> None:
    assert probe.post("/api/v1/probe/put", json={"name": "kept", "count": 3}).status_code == 200
    assert trace(wiring, "kept") == 3


@pytest.mark.parametrize(("path", "status", "name"), [("refuse", 409, "refused"), ("crash", 500, "crashed")])
def test_what_failed_leaves_nothing(probe: TestClient, wiring: Wiring, path: str, status: int, name: str) -> None:
    assert probe.post(f"/api/v1/probe/{path}").status_code == status
    assert trace(wiring, name) == 0


def test_a_refusal_that_must_be_remembered_is(probe: TestClient, wiring: Wiring) -> None:
    answer = probe.post("/api/v1/probe/refuse-and-remember")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert trace(wiring, "remembered") == 1


def test_the_answer_waits_for_the_commit(probe: TestClient) -> None:
    """Nobody is told "ok" about what could not be committed."""
    answer = probe.post("/api/v1/probe/cannot-commit")
    assert answer.status_code == 500
    assert "ok" not in answer.json()


def test_after_a_failed_commit_the_next_request_works(probe: TestClient, wiring: Wiring) -> None:
    probe.post("/api/v1/probe/cannot-commit")
    assert probe.post("/api/v1/probe/put", json={"name": "next"}).status_code == 200
    assert trace(wiring, "next") == 1


def test_a_ready_made_answer_commits_nothing(probe: TestClient, wiring: Wiring) -> None:
    answer = probe.post("/api/v1/probe/answered")
    assert (answer.status_code, answer.text) == (202, "ready-made")
    assert trace(wiring, "answered") == 0


def test_hooks_run_in_the_transaction_with_the_answer(probe: TestClient, wiring: Wiring) -> None:
    assert probe.post("/api/v1/probe/hook", json={"name": "x"}).status_code == 200
    assert trace(wiring, "hooked") == 200


def test_a_hook_that_fails_undoes_everything(probe: TestClient, wiring: Wiring) -> None:
    assert probe.post("/api/v1/probe/hook", json={"name": "fail"}).status_code == 409
    assert trace(wiring, "before hook") == trace(wiring, "hooked") == 0


def test_a_get_cannot_write(probe: TestClient, wiring: Wiring) -> None:
    assert probe.get("/api/v1/probe/write-on-get").status_code >= 500
    assert trace(wiring, "got") == 0


def test_a_get_that_says_so_can(probe: TestClient, wiring: Wiring) -> None:
    assert probe.get("/api/v1/probe/counted-get").status_code == 200
    assert trace(wiring, "counted") == 1


def test_own_transactions_commit_or_roll_back(probe: TestClient, wiring: Wiring) -> None:
    assert probe.post("/api/v1/probe/stream?fail=1", content=b"x" * 5).status_code == 409
    assert trace(wiring, "streamed") == 0
    assert probe.post("/api/v1/probe/stream", content=b"x" * (MAX_FORM_BYTES + 1)).json() == {
        "size": MAX_FORM_BYTES + 1
    }
    assert trace(wiring, "streamed") == MAX_FORM_BYTES + 1


def test_a_body_over_the_limit_is_refused(probe: TestClient, wiring: Wiring) -> None:
    answer = probe.post("/api/v1/probe/put", content=b"x" * (MAX_FORM_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def can_write(wiring: Wiring) -> bool:
    """Whether the database's one write lock is free this moment; on PostgreSQL, whether nobody holds a connection."""
    if not wiring.db.is_sqlite:
        pool = wiring.db.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout() == 0
    connection = sqlite3.connect(wiring.settings.data_dir / "tillpaid.db", timeout=0, isolation_level=None)
    try:
        connection.execute("begin immediate")
        connection.execute("rollback")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.parametrize("path", ["put", "stream"])
def test_a_slow_sender_holds_no_lock(app: Any, wiring: Wiring, path: str) -> None:
    free: list[bool] = []

    async def slowly() -> AsyncIterator[bytes]:
        for part in (b'{"name": ', b'"slow"', b"}"):
            yield part
            await asyncio.sleep(0.02)
            free.append(can_write(wiring))

    async def send() -> int:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as client:
            headers = {"Content-Type": "application/json"}
            return (await client.post(f"/api/v1/probe/{path}", content=slowly(), headers=headers)).status_code

    assert run_in_own_loop(send()) == 200
    assert free == [True, True, True]


def test_can_write_sees_a_lock(wiring: Wiring) -> None:
    """The probe of the test above is worth something."""
    with wiring.db.write():
        assert not can_write(wiring)
    assert can_write(wiring)


def test_sixty_writers_at_once_all_get_through_and_none_is_lost(app: Any, wiring: Wiring) -> None:
    """More than there are worker threads: if writers waited inside threads, the one that writes would get none."""

    with wiring.db.write() as tx:
        put(tx, "counter", 0)

    async def all_at_once() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as client:
            return await asyncio.gather(*(client.post("/api/v1/probe/increment") for _ in range(WRITERS)))

    answers = run_in_own_loop(asyncio.wait_for(all_at_once(), 60))
    assert sorted(answer.json()["count"] for answer in answers) == list(range(1, WRITERS + 1))
    assert trace(wiring, "counter") == WRITERS


def test_readers_do_not_wait_for_a_writer(probe: TestClient, wiring: Wiring) -> None:
    with wiring.db.write():
        assert probe.get("/sign-in", headers={"Accept": "text/html"}).status_code == 200

"""Alive, ready, and the figures: who may ask, and what is told when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import load
from service.wiring import Wiring
from tests.conftest import MovableClock, resettled

TOKEN = "m3trics-0123456789abcdefghijklmnopqrstuv"


@contextmanager
def visitor(wiring: Wiring, address: str = "127.0.0.1") -> Iterator[TestClient]:
    with TestClient(create_app(wiring), client=(address, 50000), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def with_token(wiring: Wiring) -> Wiring:
    wiring.settings = resettled(wiring, TILLPAID_METRICS_TOKEN=TOKEN)
    return wiring


def test_alive_asks_nobody(tmp_path: Path) -> None:
    """No database, no store: a process that answers is alive."""
    wiring = Wiring(load({}, data_dir=tmp_path / "nothing"))
    with visitor(wiring) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
    assert not (tmp_path / "nothing").exists()


def test_ready_when_all_is_well(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "tables": "ok", "storage": "ok"}}


def test_not_ready_before_the_tables_are_there(tmp_path: Path) -> None:
    wiring = Wiring(load({}, data_dir=tmp_path / "data"))
    with visitor(wiring) as client:
        answer = client.get("/readyz")
    wiring.close()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["checks"] == {"database": "ok", "tables": "failed", "storage": "ok"}


def test_not_ready_when_the_tables_are_of_another_version(wiring: Wiring, client: TestClient) -> None:
    with wiring.db.write() as tx:
        tx.execute(text("update alembic_version set version_num = 'older'"))
    assert client.get("/readyz").json()["checks"]["tables"] == "failed"


def test_not_ready_when_the_database_is_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "tillpaid.db").write_bytes(b"this is not a database" * 400)
    wiring = Wiring(load({}, data_dir=folder))
    with visitor(wiring) as client:
        answer = client.get("/readyz")
    wiring.close()
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed"
    assert str(tmp_path) not in answer.text


def test_not_ready_without_storage(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    wiring.settings = resettled(wiring, TILLPAID_STORAGE_URL=(tmp_path / "file").as_uri())
    with visitor(wiring) as client:
        answer = client.get("/readyz")
    assert answer.json()["checks"]["storage"] == "failed"
    assert str(tmp_path) not in answer.text


def test_a_silent_worker_inside_makes_it_unready(wiring: Wiring, client: TestClient, clock: MovableClock) -> None:
    wiring.pulse["worker"] = clock()
    clock.move(seconds=59)
    assert client.get("/readyz").json()["checks"]["worker"] == "ok"
    clock.move(seconds=2)
    assert client.get("/readyz").status_code == 503


def test_ready_during_a_long_write(wiring: Wiring, client: TestClient) -> None:
    with wiring.db.write():
        assert client.get("/readyz").status_code == 200


def test_this_machine_may_read_the_figures(wiring: Wiring) -> None:
    with wiring.db.write() as tx:
        wiring.queue.enqueue(tx, "test.work", {})
    with visitor(wiring) as client:
        client.get("/healthz")
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'tillpaid_queue{state="waiting"} 1.0' in answer.text
    assert 'tillpaid_requests_total{method="GET",route="/healthz",status="200"}' in answer.text


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "testclient", "::ffff:10.0.0.1"])
def test_for_others_there_are_no_figures(wiring: Wiring, address: str) -> None:
    with visitor(wiring, address) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 404
    assert "tillpaid_" not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"])
def test_what_came_through_a_proxy_on_this_machine_did_not_come_from_it(wiring: Wiring, header: str) -> None:
    with visitor(wiring) as client:
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_the_token_opens_the_figures_from_anywhere(with_token: Wiring) -> None:
    def asked(**headers: str) -> int:
        return int(client.get("/metrics", headers=headers).status_code)

    with visitor(with_token, "203.0.113.7") as client:
        assert asked(Authorization=f"Bearer {TOKEN}") == 200
        assert asked(Authorization=f"Bearer {TOKEN}x") == 404
        assert asked(Authorization="Bearer ") == 404
        assert asked(Authorization=f"Basic {TOKEN}") == 404


def test_without_a_token_set_an_empty_one_opens_nothing(wiring: Wiring) -> None:
    with visitor(wiring, "203.0.113.7") as client:
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_no_figure_names_a_path_or_a_token(wiring: Wiring) -> None:
    with visitor(wiring) as client:
        client.get("/s/sEcReT-token")
        client.get("/nowhere/sEcReT-path")
        assert "sEcReT" not in client.get("/metrics").text

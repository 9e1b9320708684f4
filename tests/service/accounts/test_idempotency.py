"""Idempotency-Key: the same request again does nothing and gets the first answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.testclient import TestClient

from service.accounts.api_tokens import create_api_token
from service.accounts.create_studio import create_studio
from service.accounts.idempotency import idempotent, recall, remember
from service.accounts.who import Bearer
from service.app import create_app
from service.audit.record import record
from service.errors import Conflict
from service.web.boundary import ApiRoute, TxDep, WiringDep
from service.wiring import Wiring
from tests.conftest import MovableClock
from tests.service.accounts.conftest import events

router = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)], prefix="/api/v1")


class Thing(BaseModel):
    name: str


@router.post("/things", status_code=201)
def make(tx: TxDep, wiring: WiringDep, who: Bearer, body: Thing) -> dict[str, Any]:
    if body.name == "refused":
        raise Conflict
    event = record(tx, wiring, who.studio.id, "thing.made", actor=who.actor)
    return {"name": body.name, "number": event.seq}


@pytest.fixture
def api(wiring: Wiring) -> Iterator[TestClient]:
    app = create_app(wiring)
    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def token_of(wiring: Wiring, email: str) -> dict[str, str]:
    with wiring.db.write() as tx:
        return {"Authorization": "Bearer " + create_api_token(tx, wiring, create_studio(tx, wiring, email=email), "t")}


@pytest.fixture
def ilzes(wiring: Wiring) -> dict[str, str]:
    return token_of(wiring, "ilze@studio.example")


def made(wiring: Wiring) -> int:
    return events(wiring).count("thing.made")


def test_the_same_key_and_request_is_answered_from_memory(
    api: TestClient, ilzes: dict[str, str], wiring: Wiring
) -> None:
    headers = {**ilzes, "Idempotency-Key": "a-1"}
    first, again = (api.post("/api/v1/things", json={"name": "x"}, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert made(wiring) == 1


def test_without_a_key_it_is_done_again(api: TestClient, ilzes: dict[str, str], wiring: Wiring) -> None:
    for _ in range(2):
        assert api.post("/api/v1/things", json={"name": "x"}, headers=ilzes).status_code == 201
    assert made(wiring) == 2


def test_the_same_key_with_another_request_is_refused(api: TestClient, ilzes: dict[str, str], wiring: Wiring) -> None:
    headers = {**ilzes, "Idempotency-Key": "a-1"}
    assert api.post("/api/v1/things", json={"name": "x"}, headers=headers).status_code == 201
    other = api.post("/api/v1/things", json={"name": "y"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert api.post("/api/v1/things?z=1", json={"name": "x"}, headers=headers).status_code == 409
    assert made(wiring) == 1


def test_a_refusal_is_not_remembered(api: TestClient, ilzes: dict[str, str], wiring: Wiring) -> None:
    headers = {**ilzes, "Idempotency-Key": "a-1"}
    refused = api.post("/api/v1/things", json={"name": "refused"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert api.post("/api/v1/things", json={"nothing": 1}, headers=headers).status_code == 422
    assert api.post("/api/v1/things", json={"name": "x"}, headers=headers).status_code == 201


def test_promise_4_a_key_belongs_to_one_studio(api: TestClient, ilzes: dict[str, str], wiring: Wiring) -> None:
    for holder in (ilzes, token_of(wiring, "janis@other.example")):
        answer = api.post("/api/v1/things", json={"name": "x"}, headers={**holder, "Idempotency-Key": "same"})
        assert "idempotency-replayed" not in answer.headers
    assert made(wiring) == 2


def test_a_key_is_forgotten_after_a_day(
    api: TestClient, ilzes: dict[str, str], wiring: Wiring, clock: MovableClock
) -> None:
    headers = {**ilzes, "Idempotency-Key": "a-1"}
    api.post("/api/v1/things", json={"name": "x"}, headers=headers)
    clock.move(days=1, seconds=1)
    assert api.post("/api/v1/things", json={"name": "y"}, headers=headers).status_code == 201
    assert made(wiring) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "sn\x7fake"])
def test_a_key_that_cannot_be_kept_is_refused(api: TestClient, ilzes: dict[str, str], key: str) -> None:
    answer = api.post("/api/v1/things", json={"name": "x"}, headers={**ilzes, "Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key")


def test_a_revoked_token_replays_nothing(api: TestClient, ilzes: dict[str, str]) -> None:
    api.post("/api/v1/things", json={"name": "x"}, headers={**ilzes, "Idempotency-Key": "a-1"})
    stranger = {"Authorization": "Bearer nonsense", "Idempotency-Key": "a-1"}
    assert api.post("/api/v1/things", json={"name": "x"}, headers=stranger).status_code == 401


def test_at_once_it_is_done_once(api: TestClient, ilzes: dict[str, str], wiring: Wiring) -> None:
    headers = {**ilzes, "Idempotency-Key": "a-1"}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.post("/api/v1/things", json={"name": "x"}, headers=headers), range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({re.sub(r"\s", "", answer.text) for answer in answers}) == 1
    assert made(wiring) == 1


def test_for_streamed_bodies_recall_and_remember_are_enough(wiring: Wiring) -> None:
    with wiring.db.write() as tx:
        studio = create_studio(tx, wiring, email="ilze@studio.example").studio
        assert recall(tx, studio.id, "k", "d" * 64) is None
        assert remember(tx, studio.id, "k", "d" * 64, Response('{"a":1}', 201, media_type="application/json"))
    with wiring.db.write() as tx:
        found = recall(tx, studio.id, "k", "d" * 64)
        assert found is not None
        assert (found.status_code, found.body, found.media_type) == (201, b'{"a":1}', "application/json")
        with pytest.raises(Conflict):
            recall(tx, studio.id, "k", "e" * 64)

"""What has run out is forgotten by itself, and nothing sooner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.accounts.issue_link import issue_link
from service.accounts.models import IdempotentAnswer, SignInLink, WebSession
from service.throttle.models import ThrottleCount
from service.wiring import Wiring
from tests.actors import new_studio, period


def test_what_ran_out_is_forgotten(wiring: Wiring, client: TestClient, clock: Any) -> None:
    studio = new_studio(wiring, client)
    with wiring.db.write() as tx:
        issue_link(tx, wiring, member_id=studio.member_id, purpose="sign_in")
    headers = {"Idempotency-Key": "once"}
    studio.api("POST", "/deliveries", json={"title": "x", "client": {"name": "A"}, "amount": "1.00", "currency": "EUR"}, headers=headers)  # fmt: skip
    client.get("/s/none", headers={"Accept": "application/json"})

    def counts() -> list[int]:
        period(wiring, "accounts.forget")
        with wiring.db.read() as tx:
            tables = (WebSession, SignInLink, IdempotentAnswer)
            return [tx.scalars(select(func.count()).select_from(table)).one() for table in tables]

    assert counts() == [1, 1, 1]
    clock.move(days=2)
    assert counts() == [1, 1, 0]
    clock.move(days=31)
    assert counts() == [1, 0, 0], "a session lives as long as it was given, and a month"
    clock.move(days=400)
    assert counts() == [0, 0, 0]
    with wiring.db.read() as tx:
        assert tx.scalars(select(func.count()).select_from(ThrottleCount)).one() == 0

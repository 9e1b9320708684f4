"""Links for programs."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.shares.models import ShareLink
from service.wiring import Wiring
from tests.actors import new_studio
from tests.service.shares.conftest import JSON, Shares


def test_a_link_is_made_listed_and_revoked(shares: Shares, client: TestClient) -> None:
    delivery = shares.delivery()
    made = shares.studio.api("POST", f"/deliveries/{delivery.id}/links", json={"name": "Anna", "passphrase": "rozes"})
    assert made.status_code == 201
    body = made.json()
    assert body["url"].startswith("http://testserver/s/")
    assert body["has_passphrase"] is True
    assert "rozes" not in made.text
    listed = shares.studio.api("GET", f"/deliveries/{delivery.id}/links").json()
    assert listed == {"items": [body], "next": None}
    assert shares.studio.api("DELETE", f"/links/{body['id']}").status_code == 204
    assert shares.studio.api("DELETE", f"/links/{body['id']}").status_code == 204
    assert shares.events().count("link.revoked") == 1
    assert shares.get(ShareLink, body["id"]).revoked_at == shares.wiring.clock()


def test_the_list_goes_on_by_cursor(shares: Shares) -> None:
    delivery = shares.delivery()
    for number in range(5):
        shares.link(delivery, f"Client {number}")
    seen, after = [], ""
    while after is not None:
        page = shares.studio.api("GET", f"/deliveries/{delivery.id}/links?limit=2&after={after}").json()
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
    assert sorted(seen) == [f"Client {number}" for number in range(5)]


def test_the_same_key_makes_one_link(shares: Shares) -> None:
    delivery = shares.delivery()
    answers = [
        shares.studio.api(
            "POST", f"/deliveries/{delivery.id}/links", json={"name": "Anna"}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(shares.all(ShareLink)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "Anna", "expires_at": "2026-01-01T00:00:00Z"},
        {"name": "Anna", "expires_at": "2027-01-01T00:00:00"},
        {"name": "Anna", "expires_at": "0001-01-01T00:00:00+14:00"},
        {"name": "Anna", "expires_at": "9999-12-31T23:59:59-12:00"},
        {"name": "Anna", "email": "nobody"},
        {"name": "Anna\u0000"},
        {"name": "Anna", "passphrase": "abc"},
    ],
)
def test_bad_input_is_named(shares: Shares, body: dict[str, str]) -> None:
    answer = shares.studio.api("POST", f"/deliveries/{shares.delivery().id}/links", json=body)
    assert answer.status_code == 422
    assert answer.json()["field"] in {"name", "email", "expires_at", "passphrase"}


def test_promise_4_another_studio_finds_neither_delivery_nor_link(
    shares: Shares, wiring: Wiring, client: TestClient
) -> None:
    other = new_studio(wiring, client, "Cita studija")
    delivery = shares.delivery()
    link = shares.link(delivery)
    assert other.api("POST", f"/deliveries/{delivery.id}/links", json={"name": "x"}).status_code == 404
    assert other.api("GET", f"/deliveries/{delivery.id}/links").status_code == 404
    assert other.api("DELETE", f"/links/{link.id}").status_code == 404
    assert client.delete(f"/api/v1/links/{link.id}", headers=JSON).status_code == 401
    assert shares.get(ShareLink, link.id).revoked_at is None

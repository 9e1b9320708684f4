"""The clients' list: who they are, what they owe, when they looked; in so many queries however many there are."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.conftest import MovableClock
from tests.service.deliveries.test_api import queries


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def person(name: str, email: str = "") -> dict[str, str]:
    return {"name": name, "email": email}


def rows(studio: StudioActor, query: str = "") -> list[str]:
    """Each row of the list as words."""
    page = studio.page("GET", f"/clients{query}").text
    found = re.findall(r'<li class="row delivery-row">(.*?)</li>', page, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def test_a_client_is_who_has_the_address_whatever_its_case(studio: StudioActor, clock: MovableClock) -> None:
    for title, who in [("A", person("Anna", "anna@example.com")), ("B", person("Anna B.", "ANNA@example.com"))]:
        clock.move(minutes=1)
        studio.link(studio.delivery(title, client=who)["id"])
    clock.move(minutes=1)
    studio.delivery("C", client=person("Ēriks"))
    assert [row.split(" ")[0] for row in rows(studio)] == ["Ēriks", "Anna"]
    assert "2 deliveries" in rows(studio)[1] and "€900.00" in rows(studio)[1]
    assert "owes nothing" in rows(studio)[0] and "has not looked yet" in rows(studio)[0], "a draft is owed by nobody"
    page = studio.page("GET", "/clients/one?who=anna%40example.com").text
    assert ">A</a>" in page and ">B</a>" in page and ">C</a>" not in page


def test_what_is_owed_is_what_is_open_in_each_currency(studio: StudioActor) -> None:
    over, part, dollars = (studio.delivery(t, currency=c)["id"] for t, c in [("A", "EUR"), ("B", "EUR"), ("C", "USD")])
    for delivery in (over, part, dollars):
        studio.link(delivery)
    body = {"amount": "500", "currency": "EUR", "received_on": studio.wiring.clock().date().isoformat()}
    more = {**body, "source_ref": "too much", "then": "record"}
    assert studio.page("POST", f"/deliveries/{over}/payments", more).status_code == 303
    assert studio.state(over) == "held"
    studio.pay(part, "100.00")
    studio.pay(dollars, "450.00")  # euros, where dollars are owed
    assert "€350.00" in rows(studio)[0] and "$450.00" in rows(studio)[0]
    assert "€300.00" not in rows(studio)[0], "what was paid too much for one is not taken off another"


def test_when_a_client_last_looked_is_said(studio: StudioActor, client: TestClient) -> None:
    path = share_path(studio.link(studio.delivery()["id"]))
    assert client.get(path, headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0"}).status_code == 200
    assert "last looked" in rows(studio)[0]


def test_found_by_words_and_by_page_in_so_many_queries(
    studio: StudioActor, wiring: Wiring, clock: MovableClock
) -> None:
    def asked(query: str) -> tuple[int, int]:
        with queries(wiring) as told:
            return len(rows(studio, query)), len(told)

    for number in range(3):
        clock.move(minutes=1)
        studio.delivery(f"Nr. {number}", client=person(f"Klients {number:03}"))
    assert rows(studio, "?q=002")[0].startswith("Klients 002")
    assert rows(studio, "?q=nobody") == []
    _shown, few = asked("")
    for number in range(3, 60):
        clock.move(minutes=1)
        studio.delivery(f"Nr. {number}", client=person(f"Klients {number:03}"))
    shown, many = asked("")
    assert shown == 50
    page = studio.page("GET", "/clients").text
    following = html.unescape(re.findall(r'rel="next" href="/clients([^"]*)"', page)[0])
    assert [row[:11] for row in rows(studio, following)] == [f"Klients {number:03}" for number in range(9, -1, -1)]
    assert many == few


def test_another_studios_clients_are_nobodys(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    studio.link(studio.delivery()["id"])
    other = new_studio(wiring, client, "Cita studija")
    assert rows(other) == []
    assert "No clients yet" in other.page("GET", "/clients").text
    assert other.page("GET", "/clients/one?who=anna%40example.com").status_code == 404

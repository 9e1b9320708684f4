"""An invoice in parts: money counts towards them in order; what a settled part opens is released once, and held again when
the money goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from service.deliveries.models import Instalment
from service.errors import BadInput
from service.kit.money import Money
from service.payments.instalments import plan
from service.payments.invoice import Balance
from service.payments.numbers import numbers_in, shown_numbers
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, share_path
from tests.originals import canary_png, canary_zip


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def split(studio: StudioActor) -> tuple[str, list[str], str]:
    """(delivery, its two assets, its link's path): 150 opens the first asset, 300 the rest."""
    delivery = studio.delivery()["id"]
    assets = [asset["id"] for asset in studio.upload(delivery, canary_png(), canary_zip())]
    path = share_path(studio.link(delivery))
    deposit = {"amount": "150.00", "due_on": "2026-03-10", "opens": "chosen", "assets": assets[:1]}
    agreed = agree(studio, delivery, deposit, {"amount": "300.00", "due_on": "2026-04-01"})
    assert agreed.status_code == 200, agreed.text
    assert (agreed.json()["due"], studio.api("GET", f"/deliveries/{delivery}").json()["due_on"]) == (1, "2026-03-10")
    return delivery, assets, path


def agree(studio: StudioActor, delivery: str, *parts: dict[str, Any]) -> Any:
    return studio.api("PUT", f"/deliveries/{delivery}/instalments", json={"instalments": list(parts)})


def openable(client: TestClient, path: str, assets: list[str]) -> list[bool]:
    """Which assets a click on Download gives, to the last byte."""
    clicks = [client.post(f"{path}/downloads/{asset}") for asset in assets]
    assert {click.status_code for click in clicks} <= {303, 404}
    got = [client.get(c.headers["location"]) for c in clicks if c.status_code == 303]
    assert all(answer.status_code == 200 and answer.content for answer in got)
    return [click.status_code == 303 for click in clicks]


def kinds(studio: StudioActor, delivery: str) -> list[str]:
    return [e["kind"] for e in studio.api("GET", f"/deliveries/{delivery}/events").json()["items"]]


def test_a_settled_part_opens_its_own_and_the_last_everything(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, path = split
    assert openable(client, path, assets) == [False, False]
    assert studio.pay(delivery, "149.99").json()["opened"] == []
    first = studio.pay(delivery, "0.01").json()
    assert (first["opened"], first["released"], first["delivery"]["state"]) == ([1], False, "held")
    assert first["delivery"]["due_on"] == "2026-04-01"
    assert openable(client, path, assets) == [True, False]
    assert client.post(f"{path}/downloads").status_code == 404
    told = client.get(path, headers={"Accept": "application/json"}).json()
    assert [d["asset"] for d in told["downloads"]["assets"]] == assets[:1]
    assert told["downloads"]["all"] is None
    assert [asset["name"] is not None for asset in told["assets"]] == [True, False]
    last = studio.pay(delivery, "300.00").json()
    assert (last["opened"], last["released"], last["delivery"]["state"]) == ([], True, "released")
    assert openable(client, path, assets) == [True, True]
    assert kinds(studio, delivery).count("release.part_made") == kinds(studio, delivery).count("release.made") == 1


def test_promise_13_what_is_reversed_is_held_again_and_no_more(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, path = split
    first = studio.pay(delivery, "150.00").json()["payment"]["id"]
    replayed = client.post(f"{path}/downloads/{assets[0]}").headers["location"]
    second = studio.pay(delivery, "300.00").json()["payment"]["id"]
    assert studio.api("POST", f"/payments/{second}/reverse", json={"reason": "bounced"}).status_code == 201
    assert studio.state(delivery) == "held"
    assert openable(client, path, assets) == [True, False]
    assert client.get(replayed).status_code == 200
    assert studio.api("POST", f"/payments/{first}/reverse", json={"reason": "bounced"}).status_code == 201
    assert openable(client, path, assets) == [False, False]
    assert client.get(replayed).status_code == client.head(replayed).status_code == 404
    again = studio.api("GET", f"/deliveries/{delivery}/instalments").json()
    assert [part["opened_at"] for part in again["instalments"]] == [None, None]


def test_money_counts_in_order_whatever_part_it_was_meant_for(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    """The larger second sum comes first: it settles the first part, and the rest of it counts towards the second."""
    delivery, assets, path = split
    assert studio.pay(delivery, "300.00").json()["opened"] == [1]
    parts = studio.api("GET", f"/deliveries/{delivery}/instalments").json()["instalments"]
    assert [part["paid"] for part in parts] == ["150.00", "150.00"]
    assert openable(client, path, assets) == [True, False]
    assert studio.pay(delivery, "160.00").json()["over"] == "10.00"
    assert openable(client, path, assets) == [True, True]


def test_promise_15_another_currency_opens_no_part(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, path = split
    assert studio.pay(delivery, "150.00", currency="USD").json()["opened"] == []
    assert openable(client, path, assets) == [False, False]


def test_promise_14_many_payments_at_once_open_a_part_once(
    studio: StudioActor, split: tuple[str, list[str], str]
) -> None:
    delivery, _assets, _path = split
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: studio.pay(delivery, "20.00", f"line {n}"), range(12)))
    assert {a.status_code for a in answers} == {201}
    assert sum(a.json()["opened"] == [1] for a in answers) == 1
    assert kinds(studio, delivery).count("release.part_made") == 1


def test_a_part_may_open_everything_before_the_last_is_due(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, path = split
    assert agree(studio, delivery, {"amount": "150", "opens": "all"}, {"amount": "300"}).status_code == 200
    deposit = studio.pay(delivery, "150.00").json()
    assert (deposit["released"], deposit["open"]) == (True, "300.00")
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert "pay the rest when it is due" in page
    assert "I have sent the payment" in page
    assert openable(client, path, assets) == [True, True]
    studio.api("POST", f"/payments/{deposit['payment']['id']}/reverse", json={"reason": "bounced"})
    assert openable(client, path, assets) == [False, False]


def test_the_studio_holds_a_part_again_and_what_is_open_stays_on_record(
    studio: StudioActor, client: TestClient, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, path = split
    studio.pay(delivery, "150.00")
    for way in (f"/assets/{assets[0]}/remove", "/withdraw"):
        assert studio.page("POST", f"/deliveries/{delivery}{way}").status_code in {303, 409}
    assert studio.state(delivery) == "held"
    assert openable(client, path, assets) == [True, False]
    assert studio.api("POST", f"/deliveries/{delivery}/relock", json={"reason": "mistake"}).status_code == 200
    assert openable(client, path, assets) == [False, False]
    assert studio.api("POST", f"/deliveries/{delivery}/relock", json={"reason": "mistake"}).status_code == 409


def test_an_open_instalment_without_its_release_opens_nothing(
    studio: StudioActor, client: TestClient, wiring: Wiring, split: tuple[str, list[str], str]
) -> None:
    """Either row alone permits nothing: the gate asks for both."""
    delivery, assets, path = split
    with wiring.db.write() as tx:
        tx.execute(text("update instalments set opened_at = created_at"))
    assert openable(client, path, assets) == [False, False]
    with wiring.db.write() as tx:
        tx.execute(text("update instalments set opened_at = null"))
    studio.pay(delivery, "150.00")
    token = client.post(f"{path}/downloads/{assets[0]}").headers["location"]
    with wiring.db.write() as tx:
        tx.execute(text("update instalments set opened_at = null"))
    assert client.get(token).status_code == 404


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([{"amount": "450.00"}], "amount"),
        ([{"amount": "150.00"}, {"amount": "299.99"}], "amount"),
        ([{"amount": "0"}, {"amount": "450"}], "amount"),
        ([{"amount": "150", "opens": "chosen"}, {"amount": "300"}], "opens"),
        ([{"amount": "150", "opens": "all"}, {"amount": "300", "opens": "all"}], "opens"),
        ([{"amount": "150", "opens": "chosen", "assets": ["ast_other"]}, {"amount": "300"}], "assets"),
    ],
)
def test_parts_that_cannot_be_are_named(
    studio: StudioActor, split: tuple[str, list[str], str], parts: list[dict[str, Any]], field: str
) -> None:
    before = studio.api("GET", f"/deliveries/{split[0]}/instalments").json()
    answer = agree(studio, split[0], *parts)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert studio.api("GET", f"/deliveries/{split[0]}/instalments").json() == before


def test_once_money_has_come_amounts_stay_and_what_is_paid_too(
    studio: StudioActor, split: tuple[str, list[str], str]
) -> None:
    delivery, assets, _path = split
    studio.pay(delivery, "150.00")
    deposit = {"amount": "150.00", "opens": "chosen", "assets": assets[:1]}
    for parts in (
        [],
        [{"amount": "200.00"}, {"amount": "250.00"}],
        [{"amount": "150.00", "opens": "all"}, {"amount": "300.00"}],
        [{"amount": "150.00"}, {"amount": "300.00", "opens": "chosen", "assets": assets[:1]}],
    ):
        assert agree(studio, delivery, *parts).json()["code"] == "instalments_fixed", parts
    later = {"amount": "300.00", "due_on": "2026-05-01", "opens": "chosen", "assets": assets[1:]}
    assert agree(studio, delivery, deposit, later).status_code == 200


def test_the_page_splits_by_numbers_and_keeps_what_was_typed(studio: StudioActor, client: TestClient) -> None:
    delivery = studio.delivery()["id"]
    studio.upload(delivery, canary_png(), canary_zip())
    path = share_path(studio.link(delivery))
    place = f"/deliveries/{delivery}/instalments"
    form = {"amount": ["150,00", "300"], "due_on": ["", "2026-04-01"], "opens": ["chosen", "nothing"]}
    wrong = studio.page("POST", place, {**form, "numbers": ["1-9", ""]})
    assert wrong.status_code == 422
    assert 'value="1-9"' in wrong.text
    assert studio.page("POST", place, {**form, "numbers": ["2", ""]}).status_code == 303
    references = [p["reference"] for p in studio.api("GET", place).json()["instalments"]]
    assert 'value="2"' in studio.page("GET", place).text
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert references[0] in page
    assert references[1] not in page
    assert "Opens 1 original." in page
    listed = studio.page("GET", f"/deliveries?q={references[1]}").text
    assert delivery in listed
    empty = {name: ["", ""] for name in form}
    assert studio.page("POST", place, {**empty, "opens": ["nothing"] * 2, "numbers": ["", ""]}).status_code == 303
    assert studio.api("GET", place).json() == {"instalments": [], "due": None}


def test_money_fills_the_parts_in_order() -> None:
    rows = [Instalment(id=str(n), amount_minor=m, opens="nothing") for n, m in enumerate((100, 50, 25))]
    for paid in range(-10, 190):
        made = plan(rows, Balance(Money(175, "EUR"), Money(paid, "EUR")))
        assert sum(p.paid.minor for p in made.parts) == min(175, max(0, paid))
        settled = [p.settled for p in made.parts]
        assert settled == sorted(settled, reverse=True)
        assert made.opens_all == (paid >= 175)
        assert (made.due is None) == (paid >= 175)


def test_numbers_as_people_write_them() -> None:
    assert numbers_in(" 1-3,7 , 9 – 10,", 10) == {1, 2, 3, 7, 9, 10}
    assert shown_numbers([3, 1, 2, 7, 10, 9, 9]) == "1–3, 7, 9–10"
    assert numbers_in(shown_numbers(range(1, 5)), 5) == {1, 2, 3, 4}
    for wrong in ("0", "4-2", "11", "x", "1--2", "1 2"):
        with pytest.raises(BadInput):
            numbers_in(wrong, 10)

"""Money that comes in, through the API: settled releases once; short, over, other currency, twice and at once do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.conftest import MovableClock


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def held(studio: StudioActor, amount: str = "450.00") -> str:
    delivery = str(studio.delivery(amount=amount)["id"])
    studio.link(delivery)
    return delivery


def kinds(studio: StudioActor, delivery: str) -> list[str]:
    return [e["kind"] for e in studio.api("GET", f"/deliveries/{delivery}/events").json()["items"]]


def test_a_full_payment_releases_in_the_same_answer(studio: StudioActor) -> None:
    delivery = held(studio)
    answer = studio.pay(delivery)
    assert answer.status_code == 201
    body = answer.json()
    assert body["released"] is True
    assert body["delivery"]["state"] == "released"
    assert body["open"] == "0.00"
    assert kinds(studio, delivery)[-2:] == ["payment.received", "release.made"]


def test_promise_15_a_short_payment_waits_and_the_rest_releases(studio: StudioActor) -> None:
    delivery = held(studio)
    first = studio.pay(delivery, "449.99").json()
    assert (first["released"], first["delivery"]["state"], first["open"]) == (False, "held", "0.01")
    assert studio.pay(delivery, "0.01").json()["released"] is True


def test_promise_15_another_currency_never_counts(studio: StudioActor) -> None:
    delivery = held(studio)
    body = studio.pay(delivery, "450.00", currency="USD").json()
    assert (body["released"], body["payment"]["counted"], body["open"]) == (False, False, "450.00")
    assert studio.state(delivery) == "held"


def test_too_much_is_shown_and_releases(studio: StudioActor) -> None:
    body = studio.pay(held(studio), "500.00").json()
    assert (body["released"], body["over"]) == (True, "50.00")


def test_promise_14_the_same_reference_counts_once(studio: StudioActor) -> None:
    first, second = held(studio, "100.00"), held(studio, "100.00")
    assert studio.pay(first, "50.00", "line 7").status_code == 201
    for delivery in (first, second):
        again = studio.pay(delivery, "50.00", "line 7")
        assert (again.status_code, again.json()["code"], again.json()["field"]) == (409, "payment_known", "source_ref")
    assert studio.state(first) == "held"
    assert kinds(studio, first).count("payment.received") == 1


def test_another_studio_may_have_the_same_reference(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    other = new_studio(wiring, client)
    assert studio.pay(held(studio), ref="line 7").status_code == 201
    assert other.pay(held(other), ref="line 7").status_code == 201


def test_promise_14_many_payments_at_once_release_once(studio: StudioActor) -> None:
    delivery = held(studio, "80.00")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: studio.pay(delivery, "10.00", f"line {n}"), range(16)))
    assert {a.status_code for a in answers} == {201}
    assert [a.json()["released"] for a in answers].count(True) == 1
    assert kinds(studio, delivery).count("release.made") == 1
    assert answers and studio.state(delivery) == "released"


def test_promise_13_a_reversed_payment_holds_again(studio: StudioActor) -> None:
    delivery = held(studio)
    payment = studio.pay(delivery).json()["payment"]["id"]
    body = studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"}).json()
    assert (body["payment"]["amount"], body["payment"]["reverses"]) == ("-450.00", payment)
    assert (body["delivery"]["state"], body["open"]) == ("held", "450.00")
    assert kinds(studio, delivery)[-2:] == ["payment.reversed", "release.ended"]
    again = studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"})
    assert (again.status_code, again.json()["code"]) == (409, "reversed")
    reversal = body["payment"]["id"]
    twist = studio.api("POST", f"/payments/{reversal}/reverse", json={"reason": "undo"})
    assert (twist.status_code, twist.json()["code"]) == (409, "is_reversal")


def test_reversing_what_was_not_needed_keeps_the_release(studio: StudioActor) -> None:
    delivery = held(studio, "100.00")
    extra = studio.pay(delivery, "40.00").json()["payment"]["id"]
    studio.pay(delivery, "100.00")
    assert studio.api("POST", f"/payments/{extra}/reverse", json={"reason": "mistyped"}).status_code == 201
    assert studio.state(delivery) == "released"


def test_a_waived_release_does_not_rest_on_payments(studio: StudioActor) -> None:
    delivery = held(studio)
    assert studio.api("POST", f"/deliveries/{delivery}/release", json={"reason": "a gift"}).status_code == 200
    payment = studio.pay(delivery).json()["payment"]["id"]
    studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "bounced"})
    assert studio.state(delivery) == "released"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "450.001"}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"amount": "99999999999999"}, "amount"),
        ({"currency": "XYZ"}, "currency"),
        ({"received_on": "2026-13-01"}, "received_on"),
        ({"received_on": "2027-01-01"}, "received_on"),
        ({"source_ref": "   "}, "source_ref"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_recorded(
    studio: StudioActor, change: dict[str, str], field: str
) -> None:
    delivery = held(studio)
    body = {"amount": "450.00", "currency": "EUR", "received_on": "2026-03-01", "source_ref": "line 1", **change}
    answer = studio.api("POST", f"/deliveries/{delivery}/payments", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "payment.received" not in kinds(studio, delivery)


def test_a_withdrawn_delivery_takes_no_payment(studio: StudioActor) -> None:
    delivery = held(studio)
    assert studio.page("POST", f"/deliveries/{delivery}/withdraw").status_code == 303
    assert studio.pay(delivery).status_code == 409


def test_promise_29_the_page_asks_again_who_you_are_before_money_moves(
    studio: StudioActor, clock: MovableClock
) -> None:
    delivery = held(studio)
    clock.now += timedelta(minutes=16)
    form = {"amount": "450.00", "currency": "EUR", "received_on": "2026-03-02", "source_ref": "x", "then": "release"}
    refused = studio.page("POST", f"/deliveries/{delivery}/payments", form)
    assert refused.status_code in {303, 403}
    assert studio.state(delivery) == "held"


def test_record_only_on_the_page_does_not_release(studio: StudioActor) -> None:
    delivery = held(studio)
    form = {"amount": "450,00", "currency": "eur", "received_on": "2026-03-02", "source_ref": "x", "then": "record"}
    assert studio.page("POST", f"/deliveries/{delivery}/payments", form).status_code == 303
    assert studio.state(delivery) == "held"
    form |= {"source_ref": "y", "amount": "0.01", "then": "release"}
    assert studio.page("POST", f"/deliveries/{delivery}/payments", form).status_code == 303
    assert studio.state(delivery) == "released"

"""The way of a delivery: each step has its time once it is reached, and loses it when it is undone."""

from __future__ import annotations

from starlette.testclient import TestClient

from service.deliveries import repository as deliveries
from service.payments.steps import steps_of
from service.wiring import Wiring
from tests.actors import new_studio, share_path
from tests.conftest import MovableClock


def test_steps_are_reached_one_after_the_other(wiring: Wiring, client: TestClient, clock: MovableClock) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]

    def reached() -> list[str]:
        with wiring.db.read() as tx:
            steps = steps_of(tx, deliveries.delivery_of(tx, studio.studio_id, delivery))
        times = [step.at for step in steps if step.at]
        assert times == sorted(times)
        return [step.name for step in steps if step.at]

    assert reached() == ["Draft"]
    clock.move(hours=1)
    path = share_path(studio.link(delivery))
    assert reached() == ["Draft", "Sent"]
    clock.move(hours=1)
    client.get(path)
    assert reached() == ["Draft", "Sent", "Viewed"]
    clock.move(hours=1)
    studio.pay(delivery, "449.99")
    assert reached() == ["Draft", "Sent", "Viewed"]
    clock.move(hours=1)
    payment = studio.pay(delivery, "0.01").json()["payment"]["id"]
    assert reached() == ["Draft", "Sent", "Viewed", "Paid", "Released"]
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert page.count('class="stage stage-reached"') == 5
    studio.api("POST", f"/payments/{payment}/reverse", json={"reason": "It bounced."})
    assert reached() == ["Draft", "Sent", "Viewed"]


def test_released_without_payment_is_not_paid(wiring: Wiring, client: TestClient) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    studio.api("POST", f"/deliveries/{delivery}/release", json={"reason": "A gift."})
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert page.count('class="stage stage-reached"') == 2


def test_a_withdrawn_delivery_goes_nowhere(wiring: Wiring, client: TestClient) -> None:
    studio = new_studio(wiring, client)
    delivery = studio.delivery()["id"]
    studio.page("POST", f"/deliveries/{delivery}/withdraw", {"reason": "A mistake."})
    assert 'class="stages"' not in studio.page("GET", f"/deliveries/{delivery}").text

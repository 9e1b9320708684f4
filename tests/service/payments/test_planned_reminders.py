"""Planned reminders: read first, sent once on their day by whichever machine is first, never when there is no more reason."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.audit.models import AuditEvent
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, period
from tests.conftest import MovableClock
from tests.service.payments.test_remind import held, letters

DAY = "2026-03-20"


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def plan(studio: StudioActor, delivery: str, day: str = DAY, tone: str = "firm") -> int:
    return int(studio.page("POST", f"/deliveries/{delivery}/reminder/plan", {"tone": tone, "day": day}).status_code)


def pause(studio: StudioActor, delivery: str, paused: bool) -> int:
    return int(studio.page("POST", f"/deliveries/{delivery}/reminder/pause", {"paused": str(int(paused))}).status_code)


def on(wiring: Wiring, clock: MovableClock, day: int, hour: int = 12) -> list[OutboxMessage]:
    """The letters that have left by that hour of a day in March."""
    clock.now = datetime(2026, 3, day, hour, tzinfo=UTC)
    period(wiring, "payments.remind")
    return letters(wiring)


def test_it_leaves_on_its_day_in_working_hours_and_once(
    studio: StudioActor, wiring: Wiring, clock: MovableClock
) -> None:
    delivery = held(studio)
    assert plan(studio, delivery) == 303
    assert "A reminder is planned for" in studio.page("GET", f"/deliveries/{delivery}").text
    assert on(wiring, clock, 19) == on(wiring, clock, 20, 8) == on(wiring, clock, 20, 19) == []
    [letter] = on(wiring, clock, 21, 9)
    assert (letter.kind, letter.recipient) == ("reminder_firm", "anna@example.com")
    assert len(on(wiring, clock, 22)) == 1
    with wiring.db.read() as tx:
        kinds = [event.kind for event in tx.scalars(select(AuditEvent).order_by(AuditEvent.seq))]
    assert [kind for kind in kinds if kind.startswith("reminder")] == ["reminder.planned", "reminder.sent"]
    page = studio.page("GET", f"/deliveries/{delivery}").text
    assert "A reminder is planned for" not in page and "A reminder was planned for March 20, 2026." in page


def test_several_machines_send_it_once(studio: StudioActor, wiring: Wiring, clock: MovableClock) -> None:
    for _ in range(3):
        plan(studio, held(studio))
    clock.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    with wiring.db.write() as tx:
        for _ in range(4):
            wiring.queue.enqueue(tx, "payments.remind", {"timestamp": 0})
    machines = [threading.Thread(target=period, args=(wiring, "payments.remind")) for _ in range(4)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(60)
    assert len({letter.delivery_id for letter in letters(wiring)}) == len(letters(wiring)) == 3
    assert wiring.queue.counts()["dead"] == 0


def test_paused_it_stays_and_goes_on_when_told_to(studio: StudioActor, wiring: Wiring, clock: MovableClock) -> None:
    delivery = held(studio)
    plan(studio, delivery)
    assert pause(studio, delivery, True) == 303
    assert "is paused" in studio.page("GET", f"/deliveries/{delivery}").text
    assert on(wiring, clock, 25) == []
    assert pause(studio, delivery, False) == 303
    assert len(on(wiring, clock, 26)) == 1
    assert pause(studio, delivery, True) == 409, "nothing is planned any more"


def test_who_has_paid_or_says_so_is_left_alone(studio: StudioActor, wiring: Wiring, clock: MovableClock) -> None:
    paid, taken_back = held(studio), held(studio)
    for delivery in (paid, taken_back):
        assert plan(studio, delivery) == 303
    studio.pay(paid)
    studio.page("POST", f"/deliveries/{taken_back}/withdraw", {"confirm": "yes"})
    assert on(wiring, clock, 20) == []
    assert on(wiring, clock, 28) == []


def test_it_waits_while_the_client_says_that_the_money_is_on_its_way(
    studio: StudioActor, wiring: Wiring, client: TestClient, clock: MovableClock
) -> None:
    from service.payments.models import PaymentNotice
    from service.shares.models import ShareLink

    delivery = held(studio)
    plan(studio, delivery)
    with wiring.db.write() as tx:
        link = tx.scalars(select(ShareLink).where(ShareLink.delivery_id == delivery)).one()
        tx.add(PaymentNotice(id="ntc_1", delivery_id=delivery, link_id=link.id, name="Anna", at=clock()))
    assert on(wiring, clock, 20) == on(wiring, clock, 22) == on(wiring, clock, 23) == []
    with wiring.db.write() as tx:
        tx.delete(tx.get_one(PaymentNotice, "ntc_1"))
    assert on(wiring, clock, 24) == []
    assert len(on(wiring, clock, 26)) == 1


def test_planning_again_takes_the_place_of_the_first(studio: StudioActor, wiring: Wiring, clock: MovableClock) -> None:
    delivery = held(studio)
    plan(studio, delivery)
    plan(studio, delivery, "2026-03-24", "polite")
    assert on(wiring, clock, 21) == []
    assert [letter.kind for letter in on(wiring, clock, 24)] == ["reminder_polite"]


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-01", "2027-04-01", "", "soon"])
def test_only_a_day_from_tomorrow_on(studio: StudioActor, day: str) -> None:
    assert plan(studio, held(studio), day) == 422


def test_another_studio_plans_and_pauses_nothing(
    studio: StudioActor, wiring: Wiring, client: TestClient, clock: MovableClock
) -> None:
    delivery, other = held(studio), new_studio(wiring, client, "Cita studija")
    assert plan(other, delivery) == 404
    plan(studio, delivery)
    assert pause(other, delivery, True) == 404
    assert len(on(wiring, clock, 20)) == 1


def test_the_form_offers_tomorrow_at_the_earliest(studio: StudioActor) -> None:
    page = studio.page("GET", f"/deliveries/{held(studio)}/reminder").text
    assert f'min="{date(2026, 3, 3)}"' in page

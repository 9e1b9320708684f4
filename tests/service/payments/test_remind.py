"""Reminders: read first, sent in the client's language, and never when there is nothing to remind of."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.audit.models import AuditEvent
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.conftest import resettled


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def letters(wiring: Wiring) -> list[OutboxMessage]:
    with wiring.db.read() as tx:
        return list(tx.scalars(select(OutboxMessage).where(OutboxMessage.kind.startswith("reminder"))))


def held(studio: StudioActor, **more: object) -> str:
    delivery = str(studio.delivery(**more)["id"])
    studio.link(delivery)
    return delivery


@pytest.mark.parametrize("tone", ["polite", "firm", "formal"])
def test_what_was_read_is_what_leaves(studio: StudioActor, wiring: Wiring, tone: str) -> None:
    delivery = held(studio, due_on="2026-03-20", locale="lv")
    studio.pay(delivery, "150.00")
    page = studio.page("GET", f"/deliveries/{delivery}/reminder?tone={tone}")
    assert page.status_code == 200
    assert letters(wiring) == []
    sent = studio.page("POST", f"/deliveries/{delivery}/reminder", {"tone": tone})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/deliveries/{delivery}")
    [letter] = letters(wiring)
    assert (letter.kind, letter.recipient, letter.locale) == (f"reminder_{tone}", "anna@example.com", "lv")
    assert "300,00" in letter.body and "2026. gada 20. marts" in letter.body and "/s/" in letter.body
    assert letter.reply_to == studio.email
    assert letter.subject in page.text.replace("&#34;", '"')
    with wiring.db.read() as tx:
        assert [e.kind for e in tx.scalars(select(AuditEvent)) if e.kind == "reminder.sent"] == ["reminder.sent"]
    assert "A reminder to anna@example.com was written." in studio.page("GET", f"/deliveries/{delivery}").text


def test_a_reminder_was_sent_only_where_mail_leaves(studio: StudioActor, wiring: Wiring) -> None:
    wiring.settings = resettled(wiring, TILLPAID_SMTP_URL="smtp://127.0.0.1:1")
    delivery = held(studio)
    studio.page("POST", f"/deliveries/{delivery}/reminder", {"tone": "polite"})
    assert "A reminder was sent to anna@example.com." in studio.page("GET", f"/deliveries/{delivery}").text


def test_a_reminder_opens_nothing(studio: StudioActor) -> None:
    delivery = held(studio)
    studio.page("POST", f"/deliveries/{delivery}/reminder", {"tone": "formal"})
    assert studio.state(delivery) == "held"


def test_a_tone_that_is_none_is_refused(studio: StudioActor, wiring: Wiring) -> None:
    delivery = held(studio)
    assert studio.page("POST", f"/deliveries/{delivery}/reminder", {"tone": "rude"}).status_code == 422
    assert studio.page("GET", f"/deliveries/{delivery}/reminder?tone=../x").status_code == 422
    assert letters(wiring) == []


def test_nobody_is_reminded_of_nothing(studio: StudioActor, wiring: Wiring) -> None:
    draft, paid = str(studio.delivery()["id"]), held(studio)
    silent = str(studio.delivery(client={"name": "Anna"})["id"])
    studio.link(silent)
    studio.pay(paid)
    for delivery in (draft, paid, silent):
        assert studio.page("GET", f"/deliveries/{delivery}/reminder").status_code == 409
        assert studio.page("POST", f"/deliveries/{delivery}/reminder", {"tone": "firm"}).status_code == 409
        assert "/reminder" not in studio.page("GET", f"/deliveries/{delivery}").text
    assert letters(wiring) == []


def test_another_studio_reminds_nobody(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    delivery = held(studio)
    other = new_studio(wiring, client, "Cita studija")
    assert other.page("GET", f"/deliveries/{delivery}/reminder").status_code == 404
    assert other.page("POST", f"/deliveries/{delivery}/reminder", {"tone": "firm"}).status_code == 404
    assert letters(wiring) == []

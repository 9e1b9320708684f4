"""Making a link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.deliveries.models import Delivery
from service.errors import BadInput, Conflict
from service.notify.models import OutboxMessage
from service.shares.models import ShareLink
from tests.actors import everything_in
from tests.service.shares.conftest import Shares

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_the_first_link_sends_the_delivery(shares: Shares) -> None:
    delivery = shares.delivery()
    shares.link(delivery)
    sent = shares.get(Delivery, delivery.id)
    assert (sent.state, sent.sent_at) == ("held", NOW)
    shares.link(delivery, "Juris")
    assert shares.events() == ["delivery.created", "delivery.sent", "link.issued", "link.issued"]


def test_no_secret_is_stored(shares: Shares) -> None:
    link = shares.link(shares.delivery(), passphrase="zilas rozes")
    token = shares.path(link).removeprefix("/s/")
    database = everything_in(shares.wiring)
    assert link.id.encode() in database
    assert token.encode() not in database
    assert b"zilas rozes" not in database


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "Anna\r\nBcc: all@example.com"}),
        ("email", {"email": "anna at example.com"}),
        ("email", {"email": "anna@example.com\r\nBcc: all@example.com"}),
        ("expires_at", {"expires_at": NOW}),
        ("expires_at", {"expires_at": datetime(2026, 4, 1)}),  # noqa: DTZ001 - the missing zone is the point
        ("expires_at", {"expires_at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))}),
        ("passphrase", {"passphrase": "abc"}),
        ("passphrase", {"passphrase": " " * 12}),
        ("passphrase", {"passphrase": "x" * 201}),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(shares: Shares, field: str, given: dict[str, object]) -> None:
    delivery = shares.delivery()
    with pytest.raises(BadInput) as refused:
        shares.link(delivery, **given)
    assert refused.value.field == field
    assert shares.all(ShareLink) == []
    assert shares.get(Delivery, delivery.id).state == "draft"


def test_a_withdrawn_delivery_gets_no_link(shares: Shares) -> None:
    delivery = shares.delivery()
    shares.set(Delivery, delivery.id, state="withdrawn")
    with pytest.raises(Conflict):
        shares.link(delivery)


def test_it_is_announced_to_the_link_else_to_the_client(shares: Shares) -> None:
    delivery = shares.delivery(locale="lv")
    shares.link(delivery, announce=True, expires_at=NOW + timedelta(days=9))
    shares.link(delivery, "Juris", email="juris@example.com", announce=True)
    shares.link(delivery, "Silent")
    to_client, to_juris = sorted(shares.all(OutboxMessage), key=lambda message: message.recipient)
    assert (to_client.recipient, to_juris.recipient) == ("anna@example.com", "juris@example.com")
    assert (to_client.kind, to_client.locale, to_client.reply_to) == ("ready", "lv", shares.studio.email)
    first = next(link for link in shares.all(ShareLink) if link.name == "Anna")
    assert f"http://testserver{shares.path(first)}" in to_client.body
    assert "450,00" in to_client.body
    assert shares.path(first) not in to_juris.body


def test_nobody_to_announce_it_to_is_said(shares: Shares) -> None:
    delivery = shares.delivery(client_email="")
    with pytest.raises(BadInput) as refused:
        shares.link(delivery, announce=True)
    assert refused.value.field == "email"

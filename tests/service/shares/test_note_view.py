"""The view log."""

from __future__ import annotations

from starlette.testclient import TestClient

from service.notify.models import OutboxMessage
from service.shares.models import LinkView, ShareLink
from tests.conftest import MovableClock
from tests.service.shares.conftest import JSON, PAGE, Shares


def test_one_row_an_hour_for_each_link_and_visitor(shares: Shares, client: TestClient, clock: MovableClock) -> None:
    delivery = shares.delivery()
    link, other = shares.link(delivery), shares.link(delivery, "Juris")
    for _ in range(3):
        assert client.get(shares.path(link), headers=PAGE).status_code == 200
        clock.move(minutes=10)
    assert client.get(shares.path(link), headers=JSON).status_code == 200
    assert client.get(shares.path(other), headers=PAGE).status_code == 200
    assert len(shares.all(LinkView)) == 2
    clock.move(minutes=31)
    client.get(shares.path(link), headers=PAGE)
    row = shares.get(ShareLink, link.id)
    assert (row.view_count, row.last_viewed_at) == (2, clock())
    assert row.first_viewed_at is not None
    assert row.first_viewed_at < row.last_viewed_at


def test_the_first_view_is_told_once(shares: Shares, client: TestClient, clock: MovableClock) -> None:
    path = shares.path(shares.link(shares.delivery()))
    for _ in range(3):
        client.get(path, headers=PAGE)
        clock.move(hours=2)
    assert shares.events().count("link.first_viewed") == 1
    assert [m.kind for m in shares.all(OutboxMessage) if m.recipient == shares.studio.email] == ["viewed"]


def test_looking_by_head_is_not_a_view(shares: Shares, client: TestClient) -> None:
    path = shares.path(shares.link(shares.delivery()))
    assert client.head(path, headers=PAGE).status_code == 200
    assert shares.all(LinkView) == []


def test_the_studios_own_visits_do_not_count(shares: Shares, client: TestClient) -> None:
    link = shares.link(shares.delivery(ask_terms=True), passphrase="rozes")
    page = client.get(shares.path(link), headers={**PAGE, **shares.studio.cookie_header})
    assert page.status_code == 200
    assert "You see this page as your client does." in page.text
    assert shares.all(LinkView) == []
    assert shares.get(ShareLink, link.id).first_viewed_at is None


def test_another_studios_member_is_a_visitor_like_any_other(shares: Shares, client: TestClient) -> None:
    from tests.actors import new_studio

    link = shares.link(shares.delivery(), passphrase="rozes")
    other = new_studio(shares.wiring, client, "Cita studija")
    assert client.get(shares.path(link), headers={**PAGE, **other.cookie_header}).status_code == 403


def test_a_page_that_asks_for_its_passphrase_was_not_viewed(shares: Shares, client: TestClient) -> None:
    link = shares.link(shares.delivery(), passphrase="rozes")
    client.get(shares.path(link), headers=PAGE)
    assert shares.all(LinkView) == []


def test_the_row_keeps_no_address(shares: Shares, client: TestClient) -> None:
    link = shares.link(shares.delivery())
    client.get(shares.path(link), headers={**PAGE, "User-Agent": "x" * 1000})
    [view] = shares.all(LinkView)
    assert view.address in {"", "127.0.0.0/24"}
    assert len(view.agent) == 200
    assert "testclient" not in view.id

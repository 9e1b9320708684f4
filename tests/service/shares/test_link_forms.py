"""The studio's forms for links, and their panel on the delivery page."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.testclient import TestClient

from service.accounts.models import Studio
from service.notify.models import OutboxMessage
from service.shares.models import ShareLink
from service.wiring import Wiring
from tests.actors import new_studio
from tests.service.shares.conftest import PAGE, Shares


def test_a_link_is_made_to_the_end_of_the_studios_day(shares: Shares) -> None:
    shares.set(Studio, shares.studio.studio_id, timezone="Europe/Riga")
    delivery = shares.delivery()
    form = {"name": "Anna", "expires_on": "2026-03-31", "passphrase": "rozes", "announce": "yes"}
    answer = shares.studio.page("POST", f"/deliveries/{delivery.id}/links", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deliveries/{delivery.id}#links")
    [link] = shares.all(ShareLink)
    assert link.expires_at == datetime(2026, 3, 31, 21, 0, tzinfo=UTC)
    assert [message.recipient for message in shares.all(OutboxMessage)] == ["anna@example.com"]
    assert "March 31, 2026" in shares.all(OutboxMessage)[0].body


def test_what_was_typed_stays_and_the_field_is_named(shares: Shares) -> None:
    delivery = shares.delivery()
    for form, field in (
        ({"name": "", "email": "anna@example.com"}, "link-name"),
        ({"name": "Anna Typed", "email": "nobody"}, "link-email"),
        ({"name": "Anna Typed", "expires_on": "tomorrow"}, "link-ends"),
        ({"name": "Anna Typed", "expires_on": "9999-12-31"}, "link-ends"),
        ({"name": "Anna Typed", "passphrase": "abc"}, "link-passphrase"),
    ):
        answer = shares.studio.page("POST", f"/deliveries/{delivery.id}/links", data=form)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        for typed in (form["name"], form.get("email", ""), form.get("expires_on", "")):
            assert not typed or f'value="{typed}"' in answer.text
        assert 'value="abc"' not in answer.text
    assert shares.all(ShareLink) == []


def test_a_link_is_revoked_by_its_own_studio_only(shares: Shares, wiring: Wiring, client: TestClient) -> None:
    link = shares.link(shares.delivery())
    other = new_studio(wiring, client, "Cita studija")
    assert other.page("POST", f"/links/{link.id}/revoke").status_code == 404
    assert client.get(shares.path(link), headers=PAGE).status_code == 200
    assert shares.studio.page("POST", f"/links/{link.id}/revoke").status_code == 303
    assert client.get(shares.path(link), headers=PAGE).status_code == 404


def test_other_studios_and_strangers_make_no_links(shares: Shares, wiring: Wiring, client: TestClient) -> None:
    delivery = shares.delivery()
    other = new_studio(wiring, client, "Cita studija")
    assert other.page("POST", f"/deliveries/{delivery.id}/links", data={"name": "x"}).status_code == 404
    assert client.post(f"/deliveries/{delivery.id}/links", data={"name": "x"}, headers=PAGE).status_code == 403
    assert shares.all(ShareLink) == []

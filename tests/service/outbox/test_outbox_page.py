"""The outbox page: what the studio reads, what nobody reads, and sending again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.notify.models import OutboxMessage
from service.notify.outbox import send
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio, work
from tests.conftest import MovableClock

Write = Callable[..., OutboxMessage]


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


@pytest.fixture
def write(wiring: Wiring, clock: MovableClock) -> Write:
    def written(studio: StudioActor, kind: str = "released_studio", recipient: str = "a@b.lv", **values: Any) -> Any:
        clock.move(seconds=1)
        values = values or {"title": "Kāzas", "client": "Anna <script>"}
        with wiring.db.write() as tx:
            return send(tx, wiring, studio_id=studio.studio_id, kind=kind, recipient=recipient, locale="en", **values)

    return written


def test_it_is_for_members(client: TestClient) -> None:
    answer = client.get("/outbox", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


def test_an_empty_outbox_says_so(studio: StudioActor) -> None:
    assert "Nothing was written yet" in studio.page("GET", "/outbox").text


def test_it_shows_what_would_be_sent(wiring: Wiring, studio: StudioActor, write: Write) -> None:
    write(studio)
    work(wiring)
    page = studio.page("GET", "/outbox").text
    assert "nobody has received it" in page
    assert "“Kāzas” is released" in page
    assert "a@b.lv" in page
    assert "Kept here" in page
    assert "Anna &lt;script&gt; can download them now." in page


@pytest.mark.parametrize("kind", ["sign_in", "email_change"])
@pytest.mark.parametrize("sent", [False, True])
def test_promise_12_no_page_shows_a_link_that_signs_somebody_in(
    wiring: Wiring, studio: StudioActor, write: Write, kind: str, sent: bool
) -> None:
    write(studio, kind=kind, link="http://testserver/sign-in/SECRET", minutes=15)
    if sent:
        work(wiring)
    page = studio.page("GET", "/outbox").text
    assert "so its text is not shown" in page
    assert "SECRET" not in page


def test_another_studios_messages_are_not_there(
    wiring: Wiring, client: TestClient, studio: StudioActor, write: Write
) -> None:
    other = new_studio(wiring, client, "Cita studija")
    message = write(other, title="Svešs darbs", client="Zane")
    assert "Svešs darbs" not in studio.page("GET", "/outbox").text
    assert "Svešs darbs" not in studio.page("GET", f"/outbox?after={message.id}").text
    assert "Svešs darbs" in other.page("GET", "/outbox").text


def test_fifty_on_a_page_newest_first(studio: StudioActor, write: Write) -> None:
    for number in range(53):
        write(studio, title=f"Darbs {number:02}", client="Anna")
    page = studio.page("GET", "/outbox").text
    assert page.index("Darbs 52") < page.index("Darbs 03")
    assert "Darbs 02" not in page
    following = page.split('rel="next" href="')[1].split('"')[0]
    rest = studio.page("GET", following).text
    assert [f"Darbs {n:02}" in rest for n in (3, 2, 1, 0)] == [False, True, True, True]


def test_what_failed_can_be_sent_again(wiring: Wiring, client: TestClient, studio: StudioActor, write: Write) -> None:
    message = write(studio)
    with wiring.db.write() as tx:
        row = tx.get_one(OutboxMessage, message.id)
        row.state, row.error = "failed", "The mail server did not take the message. (550: mailbox full (sorry))"
    page = studio.page("GET", "/outbox?lang=ru").text
    assert "Почтовый сервер не принял письмо. (550: mailbox full (sorry))" in page
    other = new_studio(wiring, client, "Cita studija")
    assert other.page("POST", "/outbox/again", {"message": message.id}).status_code == 404
    answer = studio.page("POST", "/outbox/again", {"message": message.id})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/outbox")
    work(wiring)
    assert "Kept here" in studio.page("GET", "/outbox").text
    assert studio.page("POST", "/outbox/again", {"message": message.id}).status_code == 409


def test_an_address_that_cannot_be_read_is_told_in_the_readers_language(studio: StudioActor) -> None:
    """The framework's own words are English, and for programs."""
    page = studio.page("GET", f"/outbox?lang=ru&after={'x' * 65}")
    assert page.status_code == 422
    assert "Что-то из отправленного использовать нельзя." in page.text
    assert "String should" not in page.text


def test_a_sign_in_link_is_never_sent_again(wiring: Wiring, studio: StudioActor, write: Write) -> None:
    message = write(studio, kind="sign_in", recipient="nobody", link="http://testserver/sign-in/SECRET")
    assert "Send again" not in studio.page("GET", "/outbox").text
    assert studio.page("POST", "/outbox/again", {"message": message.id}).status_code == 409

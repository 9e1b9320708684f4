"""The studio's own words for e-mails: checked, escaped, previewed, used, and given back for ours."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.kit.translate import LOCALES
from service.notify.as_html import as_html
from service.notify.models import OutboxMessage
from service.notify.own_text import KINDS, MUST_HAVE, check_text, fill, names_of, ours
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio

PLACE = "/settings/emails/ready"
OWN = {"for": "lv", "subject": "Darbs „{title}”", "body": "Sveiks, {client}!\n\n{link}\n\nLīdz {due}.\n<b>{studio}</b>"}


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def sent(wiring: Wiring) -> OutboxMessage:
    with wiring.db.read() as tx:
        return tx.scalars(select(OutboxMessage).where(OutboxMessage.kind == "ready")).one()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_ours_as_a_studio_begins_with_them_use_every_name_and_pass_the_check(kind: str, locale: str) -> None:
    subject, body = ours(kind, locale)
    check_text(kind, subject, body)
    assert "{" in subject and "%(" not in subject + body
    needed = MUST_HAVE.get(kind, "title")
    assert f"{{{needed}}}" in body
    values = {name: f"<{name}>" for name in names_of(kind).all}
    assert "{" not in "".join(fill(kind, subject, body, values))


def test_own_words_go_out_escaped_in_that_language_alone(studio: StudioActor, wiring: Wiring) -> None:
    assert studio.page("POST", PLACE, OWN).status_code == 303
    delivery = studio.delivery("Kāzas & <ballīte>", locale="lv")["id"]
    studio.link(delivery, announce=True)
    row = sent(wiring)
    assert row.subject == "Darbs „Kāzas & <ballīte>”"
    assert row.body.startswith("Sveiks, Anna Bērziņa!\n\nhttp")
    assert "Līdz" not in row.body, "no day is agreed, so its line is left out"
    page = as_html(row)
    assert "<b>" not in page.split("<body")[1] and "&lt;b&gt;Foto Ozols&lt;/b&gt;" in page
    assert ours("ready", "en")[0] in studio.page("GET", f"{PLACE}?for=en").text.replace("&#34;", '"')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": "{link} {iban}"}, "does not know {iban}"),
        ({"subject": "{secret}"}, "does not know {secret}"),
        ({"body": "Sveiki!"}, "the client needs it"),
        ({"body": "{link}" + "x" * 5000}, "5000 characters"),
        ({"subject": " "}, "Please fill this in."),
    ],
)
def test_what_cannot_be_used_is_said_and_kept_in_the_form(
    studio: StudioActor, change: dict[str, str], words: str
) -> None:
    for action in ("save", "preview"):
        answer = studio.page("POST", PLACE, {**OWN, **change, "action": action})
        assert answer.status_code == 422
        assert words in answer.text
        assert "Sveiks, {client}!" in answer.text or "body" in change
    assert "yours" not in studio.page("GET", "/settings/emails").text


def test_the_preview_keeps_nothing_and_reset_gives_ours_back(studio: StudioActor, wiring: Wiring) -> None:
    shown = studio.page("POST", PLACE, {**OWN, "action": "preview"}).text
    assert "Sveiks, Anna Bērziņa!" in shown and "&lt;b&gt;Foto Ozols&lt;/b&gt;" in shown
    assert "yours" not in studio.page("GET", "/settings/emails").text
    studio.page("POST", PLACE, OWN)
    assert "yours" in studio.page("GET", "/settings/emails").text
    assert studio.page("POST", PLACE, {"for": "lv", "action": "reset"}).status_code == 303
    assert "yours" not in studio.page("GET", "/settings/emails").text
    subject, body = ours("ready", "lv")
    studio.page("POST", PLACE, {"for": "lv", "subject": subject, "body": body})
    assert "yours" not in studio.page("GET", "/settings/emails").text, "the same as ours are none of their own"


def test_values_stay_on_one_line_and_are_no_names(studio: StudioActor) -> None:
    values = {"title": "A\nBcc: x@example.com {link}", "link": "https://a.example", "client": "{amount}"}
    subject, body = fill("ready", "{title}", "{client}\n{link}", values)
    assert subject == "A Bcc: x@example.com {link}"
    assert body == "{amount}\nhttps://a.example\n"


def test_nobody_elses_words_and_no_other_kind(studio: StudioActor, wiring: Wiring, client: TestClient) -> None:
    studio.page("POST", PLACE, OWN)
    other = new_studio(wiring, client, "Cita studija")
    assert "Sveiks" not in other.page("GET", f"{PLACE}?for=lv").text
    for place in ("/settings/emails/sign_in", f"{PLACE}?for=xx"):
        assert studio.page("GET", place).status_code == 404

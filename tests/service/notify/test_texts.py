"""Every template renders in every language, and begins with its subject."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from service.kit.translate import LOCALES
from service.notify.outbox import is_address
from service.notify.render import FOLDER, one_line, render_message

VALUES: dict[str, object] = {
    "studio": "Foto Ozols",
    "client": "Anna Bērziņa",
    "title": "Kāzu fotogrāfijas",
    "name": "Anna",
    "amount": "450,00 €",
    "open": "",
    "reference": "RF18539007547034",
    "link": "http://testserver/s/abc",
    "new_email": "new@example.com",
    "ending": "1234",
    "what": "IMG_0007.jpg",
    "text": "Te ir traips",
    "note": "Gaišāk, lūdzu",
    "days": 21,
    "minutes": 15,
}
KINDS = sorted(path.stem for path in FOLDER.glob("*.txt"))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_renders(kind: str, locale: str) -> None:
    subject, body = render_message(kind, locale, VALUES)
    assert 5 < len(subject) <= 200
    assert body.strip()
    assert "%(" not in subject + body
    assert "{" not in body
    assert "\n\n\n" not in body
    assert "locked" not in body
    assert "escrow" not in body


def test_there_are_as_many_kinds_as_we_know_of() -> None:
    assert {"sign_in", "ready", "paid_client", "paid_studio", "released", "released_studio", "viewed"} <= set(KINDS)


def test_what_is_still_open_changes_what_is_said() -> None:
    settled = render_message("paid_client", "en", VALUES)[1]
    short = render_message("paid_client", "en", {**VALUES, "open": "€50.00"})[1]
    assert "Nothing more is owed" in settled
    assert "Still owed: €50.00" in short
    assert "Nothing more is owed" not in short


def test_a_missing_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        render_message("released", "en", {"studio": "Foto Ozols"})


def test_plain_text_is_not_escaped_for_html() -> None:
    assert (
        "Tom & Jerry's <Foto>"
        in render_message("released_studio", "en", {"title": "x", "client": "Tom & Jerry's <Foto>"})[1]
    )


def test_one_line_is_one_line() -> None:
    assert one_line("a\r\nb\u2028c\td\x00e\u202ef\u0085g") == "a b c d" + "ef g"


@pytest.mark.parametrize("good", ["a@b.lv", " anna.berzina+x@example.com ", "anna@rīga.lv", "ā@b.lv", "a@localhost"])
def test_addresses(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize(
    "bad", ["", "a", "a@", "@b", "a@b.lv\n", "a@b.lv, c@d.lv", "a b@c.lv", "<a@b.lv>", "A <a@b.lv>"]
)
def test_not_addresses(bad: str) -> None:
    assert not is_address(bad) or bad.strip() != bad

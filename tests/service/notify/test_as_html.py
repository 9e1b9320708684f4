"""E-mail as HTML: the text's own words, one button, nothing from elsewhere."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from service.kit.translate import LOCALES
from service.notify.as_html import Part, as_html, parts_of
from service.notify.models import OutboxMessage
from service.notify.render import render_message
from tests.service.notify.test_texts import KINDS, VALUES


class Words(HTMLParser):
    """What a reader sees, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.links, self.loaded, self._quiet = "", [], [], 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._quiet += tag in ("style", "title")
        self.links += [given["href"]] if tag == "a" else []
        self.loaded += [given[name] for name in ("src", "background", "srcset") if given.get(name)]
        self.loaded += [given["href"]] if tag == "link" else []

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._quiet else f" {data}"


def written(kind: str, locale: str, **values: object) -> OutboxMessage:
    subject, body = render_message(kind, locale, {**VALUES, **values})
    return OutboxMessage(kind=kind, locale=locale, subject=subject, body=body)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_the_text_says_and_loads_nothing(kind: str, locale: str) -> None:
    row = written(kind, locale)
    html = as_html(row)
    seen = Words(html)
    words = seen.text.split()
    missing = [word for word in f"{row.subject} {row.body}".split() if word not in words]
    assert missing == []
    assert seen.loaded == []
    assert "url(" not in html
    assert "@import" not in html
    assert set(seen.links) <= {"http://testserver/s/abc"}
    assert f'lang="{locale}"' in html
    assert 'lang="und"' not in html


def test_the_first_address_gets_the_button() -> None:
    seen = Words(as_html(written("ready", "lv")))
    assert "Apskatīt priekšskatījumus" in seen.text
    assert seen.links == ["http://testserver/s/abc"] * 2


def test_names_cannot_write_html() -> None:
    html = as_html(written("ready", "en", studio="<img src=//x.example/i>&amp;<mj-raw>", client="</mj-text><script>"))
    assert Words(html).loaded == []
    assert "<script" not in html
    assert "<mj-" not in html
    assert "&amp;<mj-raw>" in unescape(html)


def test_paragraphs_lines_and_addresses() -> None:
    parts = parts_of("One\nline\n\nhttps://a.example/1\n \nTwo, see https://a.example/3\n\nhttps://a.example/2\n")
    assert parts == [
        Part(lines=("One", "line")),
        Part(address="https://a.example/1", leads=True),
        Part(lines=("Two, see https://a.example/3",)),
        Part(address="https://a.example/2"),
    ]


def test_both_colour_schemes_are_told() -> None:
    html = as_html(written("paid_client", "en"))
    assert re.search(r'name="color-scheme" content="light dark"', html)
    assert "prefers-color-scheme: dark" in html

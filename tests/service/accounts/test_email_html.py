"""An e-mail's HTML in a frame: the same words and colours, and nothing that runs, loads or leads anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.kit.translate import LOCALES
from service.notify.own_text import KINDS
from service.notify.show_html import show_html
from service.wiring import Wiring
from tests.actors import StudioActor, new_studio

PLACE = "/settings/emails/ready/html"
OWN = {
    "for": "lv",
    "subject": "Darbs „{title}” <script>alert(1)</script>",
    "body": 'Sveiks, {client}!\n\n{link}\n\n<img src=x onerror=alert(1)> style="color: red" <!-- x --> </style><b>&amp;lt;',
}


@pytest.fixture
def studio(wiring: Wiring, client: TestClient) -> StudioActor:
    return new_studio(wiring, client)


def policy_of(answer: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";")]
    return {name: value for name, _space, value in parts}


def unnamed_styles(answer: Any) -> list[str]:
    """Stylesheets that the policy does not name, and attributes that it could not."""
    found = re.findall(r"<style[^>]*>(.*?)</style>", answer.text, re.DOTALL)
    digests = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in found]
    assert found
    named = policy_of(answer)["style-src"].split()
    return [one for one, digest in zip(found, digests, strict=True) if digest not in named] + re.findall(
        r"<[^>]+\sstyle=", answer.text
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_shown_by_a_policy_without_unsafe(studio: StudioActor, kind: str, locale: str) -> None:
    answer = studio.page("GET", f"/settings/emails/{kind}/html?for={locale}")
    assert answer.status_code == 200
    policy = policy_of(answer)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert unnamed_styles(answer) == []
    assert f'lang="{locale}"' in answer.text
    assert "href" not in answer.text and "<script" not in answer.text


def test_what_is_typed_is_shown_and_kept_nowhere(studio: StudioActor) -> None:
    before = studio.page("GET", PLACE + "?for=lv").text
    answer = studio.page("POST", PLACE, OWN)
    assert answer.status_code == 200
    assert "Sveiks, Anna Bērziņa!" in answer.text
    assert "&lt;script&gt;" in answer.text and "<script" not in answer.text and "<img" not in answer.text
    assert unnamed_styles(answer) == []
    assert studio.page("GET", PLACE + "?for=lv").text == before


def test_wrong_words_say_so_in_the_frame(studio: StudioActor) -> None:
    answer = studio.page("POST", PLACE, {**OWN, "body": "{link} {iban}"})
    assert answer.status_code == 422
    assert "The preview shows once the text is right." in answer.text
    assert policy_of(answer)["style-src"] == "'none'"


def test_light_and_dark_do_not_hang_on_the_browser(studio: StudioActor) -> None:
    light, dark = (studio.page("POST", PLACE, {**OWN, "look": look}).text for look in ("light", "dark"))
    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light and "@media all" in dark


def test_only_the_page_with_the_frame_may_have_one(studio: StudioActor) -> None:
    page = studio.page("GET", "/settings/emails/ready?for=lv")
    assert policy_of(page)["frame-src"] == "'self'"
    assert 'sandbox loading="lazy"' in page.text
    assert "frame-src" not in policy_of(studio.page("GET", "/settings/emails"))
    for place in ("/settings/emails/sign_in/html", f"{PLACE}?for=xx"):
        assert studio.page("GET", place).status_code == 404


def test_what_a_page_could_hide_is_dropped() -> None:
    hostile = (
        '<html><head><style>a{}</style></head><body onload="x()" style="color:red">'
        '<a href="javascript:x()" target="_top">a</a><!-- <b> --><p style="} * {display:none">b &lt;i&gt;</p></body></html>'
    )
    page, policy = show_html(hostile, dark=False)
    assert page.count("<style>") == policy.count("sha256-") == 2
    assert ".own-1.own-1.own-1{color:red}" in page
    for gone in ("onload", "href", "javascript", "target", "<b>", "display:none", "<i>"):
        assert gone not in page

"""The language of readers who are not signed in."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.wiring import Wiring
from tests.conftest import MovableClock


@pytest.mark.parametrize(
    ("asked", "accept", "shown"),
    [
        ("", "", "en"),
        ("", "lv-LV,lv;q=0.9,en;q=0.5", "lv"),
        ("", "de,fr;q=0.9", "en"),
        ("", "en;q=0.1, lv;q=0.2", "lv"),
        ("lv", "en", "lv"),
        ("en", "lv", "en"),
        ("ru", "lv", "ru"),
        ("", "ru-RU,ru;q=0.9,en;q=0.5", "ru"),
        ("", "uk,ru;q=0.8,en;q=0.5", "ru"),
        ("xx", "lv", "lv"),
        ("lv%0d%0aX: y", "en", "en"),
    ],
)
def test_what_was_chosen_goes_before_what_the_browser_prefers(
    client: TestClient, asked: str, accept: str, shown: str
) -> None:
    page = client.get(f"/sign-in?lang={asked}", headers={"Accept-Language": accept, "Accept": "text/html"})
    assert page.headers["content-language"] == shown
    assert f'<html lang="{shown}">' in page.text
    assert "x" not in page.headers


def test_a_choice_is_kept_for_the_next_page(client: TestClient) -> None:
    client.get("/sign-in?lang=lv")
    assert client.get("/sign-in", headers={"Accept-Language": "en"}).headers["content-language"] == "lv"


def test_promise_29_the_cookie_is_bound_to_the_host_on_https(wiring: Wiring, clock: MovableClock) -> None:
    from dataclasses import replace

    wiring.settings = replace(wiring.settings, web=replace(wiring.settings.web, base_url="https://testserver"))
    with TestClient(create_app(wiring), base_url="https://testserver") as client:
        kept = client.get("/sign-in?lang=lv").headers.get_list("set-cookie")
    [lang] = [cookie for cookie in kept if "lang" in cookie]
    assert lang.startswith("__Host-tillpaid_lang=lv")
    assert "Secure" in lang
    assert "Path=/" in lang
    assert "HttpOnly" in lang
    assert all(cookie.startswith("__Host-") for cookie in kept)

"""The settings pages: all open, all keep what they are told, all say what is wrong beside the field."""

from __future__ import annotations

import pytest

from service.wiring import Wiring
from tests.service.accounts.conftest import Browser, events, studio_of

PAGES = ["profile", "getting-paid", "mark", "terms", "downloads", "account", "tokens", "sessions"]


@pytest.mark.parametrize("page", PAGES)
def test_every_settings_page_opens_and_fits_one_heading(browser: Browser, ilze: str, page: str) -> None:
    browser.sign_in(ilze)
    answer = browser.get(f"/settings/{page}")
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    assert 'aria-current="page"' in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_settings_lead_a_stranger_to_sign_in(browser: Browser, page: str) -> None:
    answer = browser.get(f"/settings/{page}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=/settings/{page}")


def test_the_profile_is_kept(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    typed = {"name": "Ozols & co", "email": ilze, "locale": "lv", "timezone": "Europe/Riga", "currency": "usd"}
    answer = browser.post("/settings/profile", form="/settings/profile", **typed)
    assert answer.headers["location"] == "/settings/profile"
    studio = studio_of(wiring, ilze)
    assert (studio.name, studio.locale, studio.timezone, studio.currency) == ("Ozols & co", "lv", "Europe/Riga", "USD")
    assert "studio.changed" in events(wiring)

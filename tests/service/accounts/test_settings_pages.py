"""The settings pages: all open, all keep what they are told, all say what is wrong beside the field."""

from __future__ import annotations

import pytest
from markupsafe import escape

from service.accounts.terms import built_in_terms, terms_of
from service.kit.translate import LOCALES
from service.wiring import Wiring
from tests.service.accounts.conftest import Browser, events, studio_of
from tests.settings_pages import SETTINGS


@pytest.mark.parametrize("page", SETTINGS)
def test_every_settings_page_opens_and_fits_one_heading(browser: Browser, ilze: str, page: str) -> None:
    browser.sign_in(ilze)
    answer = browser.get(f"/settings/{page}")
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    assert 'aria-current="page"' in answer.text


@pytest.mark.parametrize("page", SETTINGS)
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


@pytest.mark.parametrize(
    ("page", "field", "value", "words"),
    [
        ("profile", "name", "", "Please fill this in."),
        ("profile", "email", "nobody", "name@example.com"),
        ("profile", "timezone", "Riga", "Europe/Riga"),
        ("profile", "currency", "LVL", "currency code"),
        ("getting-paid", "iban", "LV80BANK0000435195002", "valid IBAN"),
        ("getting-paid", "iban", "<script>", "valid IBAN"),
        ("getting-paid", "bic", "NOTABIC", "valid BIC"),
        ("downloads", "download_days", "0", "from 1 to 365"),
        ("downloads", "download_count", "١", "from 1 to 1000"),
        ("terms", "terms_text", "x" * 20_001, "20000 characters"),
        ("account", "locale", "xx", "one of the languages"),
        ("look", "colour", "red;}body{", "six digits"),
        ("mark", "strength", "gigantic", "how strong"),
        ("mark", "text", "x" * 121, "120 characters"),
        ("tokens", "label", "   ", "Please fill this in."),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_is_kept(
    browser: Browser, ilze: str, page: str, field: str, value: str, words: str
) -> None:
    browser.sign_in(ilze)
    right = {
        "profile": {"name": "X", "email": ilze, "locale": "en", "timezone": "UTC", "currency": "EUR"},
        "getting-paid": {"account_holder": "Ilze & co", "iban": "", "bic": "", "payment_note": "Or <cash>"},
        "downloads": {"download_days": "7", "download_count": "9"},
        "account": {"name": "Ilze", "locale": "lv"},
        "mark": {"text": "PROOF", "strength": "light"},
    }.get(page, {})
    answer = browser.post(f"/settings/{page}", form=f"/settings/{page}", **{**right, field: value})
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert 'class="error"' in answer.text
    for name, typed in right.items():
        if name not in {field, "locale", "timezone", "strength"} and typed:
            assert str(escape(typed)) in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_bank_details_are_kept_compact_and_shown_in_groups(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    typed = {
        "account_holder": "Ilze Ozola",
        "iban": "lv80 bank 0000 4351 9500 1",
        "bic": "UNLALV2X",
        "payment_note": "a\r\nb",
    }
    assert browser.post("/settings/getting-paid", form="/settings/getting-paid", **typed).status_code == 303
    studio = studio_of(wiring, ilze)
    assert (studio.iban, studio.bic, studio.payment_note) == ("LV80BANK0000435195001", "UNLALV2X", "a\nb")
    assert "LV80 BANK 0000 4351 9500 1" in browser.get("/settings/getting-paid").text


def test_an_iban_needs_a_holder(browser: Browser, ilze: str) -> None:
    browser.sign_in(ilze)
    answer = browser.post("/settings/getting-paid", form="/settings/getting-paid", iban="LV80BANK0000435195001")
    assert answer.status_code == 422
    assert "whose name" in answer.text


def test_saving_what_is_there_already_records_nothing(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    before = events(wiring)
    browser.post("/settings/downloads", form="/settings/downloads", download_days="30", download_count="20")
    browser.post("/settings/terms", form="/settings/terms", terms_text=built_in_terms("lv"))
    browser.post("/settings/mark", form="/settings/mark", text="", strength="standard")
    assert events(wiring) == before
    assert studio_of(wiring, ilze).terms_text == ""


def test_terms_fall_back_to_the_built_in_text_in_the_clients_language(
    browser: Browser, ilze: str, wiring: Wiring
) -> None:
    browser.sign_in(ilze)
    studio = studio_of(wiring, ilze)
    assert len({terms_of(studio, locale) for locale in LOCALES}) == len(LOCALES)
    assert terms_of(studio, "de") == terms_of(studio, "en")
    browser.post("/settings/terms", form="/settings/terms", ask_terms="yes", terms_text="Ours.\r\n\r\nOnly.")
    studio = studio_of(wiring, ilze)
    assert (studio.ask_terms, terms_of(studio, "lv")) == (True, "Ours.\n\nOnly.")


def test_the_account_page_changes_the_language_at_once(browser: Browser, ilze: str) -> None:
    browser.sign_in(ilze)
    browser.get("/settings/account?lang=en")
    browser.post("/settings/account", form="/settings/account", name="Ilze", locale="lv")
    page = browser.get("/settings/account")
    assert page.headers["content-language"] == "lv"
    assert '<html lang="lv">' in page.text

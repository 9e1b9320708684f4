"""Promise 4: nobody reaches another member's sessions, tokens or settings, not even with the right ids."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from service.accounts.models import ApiToken, WebSession
from service.wiring import Wiring
from tests.service.accounts.conftest import Browser, studio_of

POSTS = [
    "/settings/profile",
    "/settings/getting-paid",
    "/settings/mark",
    "/settings/terms",
    "/settings/downloads",
    "/settings/account",
    "/settings/account/email",
    "/settings/tokens",
    "/settings/tokens/tok_1/revoke",
    "/settings/sessions/end-others",
    "/settings/sessions/ses_1/end",
    "/sign-in/again",
]


@pytest.mark.parametrize("path", POSTS)
def test_promise_4_nobody_may_post_to_settings(browser: Browser, path: str) -> None:
    assert browser.post(path).status_code == 401


def test_promise_4_another_members_session_and_token_are_not_found(
    browser: Browser, other_browser: Browser, ilze: str, janis: str, wiring: Wiring
) -> None:
    browser.sign_in(ilze)
    made = browser.post("/settings/tokens", form="/settings/tokens", label="mine")
    assert made.status_code == 200
    with wiring.db.read() as tx:
        session, token = tx.scalars(select(WebSession.id)).one(), tx.scalars(select(ApiToken.id)).one()
    other_browser.sign_in(janis)
    for path in (f"/settings/sessions/{session}/end", f"/settings/tokens/{token}/revoke"):
        assert other_browser.post(path, form="/settings/account").status_code == 404
    assert other_browser.post("/settings/sessions/end-others", form="/settings/account").status_code == 303
    assert session not in other_browser.get("/settings/sessions").text
    assert token not in other_browser.get("/settings/tokens").text
    assert browser.get("/settings/account").status_code == 200


def test_promise_4_settings_change_the_own_studio_only(browser: Browser, ilze: str, janis: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    browser.post("/settings/downloads", form="/settings/downloads", download_days="3", download_count="4")
    browser.post("/settings/terms", form="/settings/terms", ask_terms="yes", terms_text="Only mine.")
    assert (studio_of(wiring, ilze).download_days, studio_of(wiring, ilze).terms_text) == (3, "Only mine.")
    assert (studio_of(wiring, janis).download_days, studio_of(wiring, janis).ask_terms) == (30, False)


def test_a_token_is_shown_once_works_and_ends_when_revoked(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    shown = browser.post("/settings/tokens", form="/settings/tokens", label="shop")
    found = re.search(r'value="(tlp_[^"]+)"', shown.text)
    assert found
    secret = found.group(1)
    assert secret not in browser.get("/settings/tokens").text
    with wiring.db.read() as tx:
        token = tx.scalars(select(ApiToken)).one()
        assert token.secret_sha256 != secret
    browser.post(f"/settings/tokens/{token.id}/revoke", form="/settings/tokens")
    with wiring.db.read() as tx:
        assert tx.scalars(select(ApiToken)).one().revoked_at is not None
    assert "shop" not in browser.get("/settings/tokens").text


def test_other_browsers_can_be_signed_out(browser: Browser, other_browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    other_browser.sign_in(ilze)
    page = browser.get("/settings/sessions").text
    [other] = re.findall(r"/settings/sessions/(ses_\w+)/end", page)
    assert browser.post(f"/settings/sessions/{other}/end", form="/settings/sessions").status_code == 303
    assert other_browser.get("/settings/account").status_code == 303
    other_browser.sign_in(ilze)
    browser.post("/settings/sessions/end-others", form="/settings/sessions")
    assert other_browser.get("/settings/account").status_code == 303
    assert browser.get("/settings/account").status_code == 200

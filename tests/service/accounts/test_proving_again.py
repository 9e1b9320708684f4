"""Promise 29: bank details, e-mail addresses and keys change hands only shortly after a proof of who asks."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from service.accounts.models import ApiToken, Member
from service.accounts.prove import recently_proved
from service.accounts.who import Who
from service.errors import Forbidden
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.conftest import MovableClock
from tests.service.accounts.conftest import Browser, events, link_for, studio_of
from tests.service.accounts.test_sign_in import LINK, mailed, sessions

IBAN = "LV80 BANK 0000 4351 9500 1"
BANK = {"account_holder": "Ilze Ozola", "iban": IBAN, "bic": "", "payment_note": ""}


def test_promise_29_bank_details_need_a_fresh_proof(
    browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    browser.sign_in(ilze)
    clock.move(minutes=15, seconds=1)
    assert "/sign-in/again?next=/settings/getting-paid" in browser.get("/settings/getting-paid").text
    refused = browser.post("/settings/getting-paid", form="/settings/getting-paid", **BANK)
    assert (refused.status_code, refused.headers["location"]) == (303, "/sign-in/again?next=/settings/getting-paid")
    assert studio_of(wiring, ilze).iban == ""
    assert browser.get("/sign-in/again?next=/settings/getting-paid").status_code == 200
    browser.post("/sign-in/again", form="/sign-in/again", next="/settings/getting-paid")
    found = LINK.search(mailed(wiring)[-1].body)
    assert found
    proved = browser.post(found.group(1), form=found.group(1))
    assert proved.headers["location"] == "/settings/getting-paid"
    assert sessions(wiring) == 1
    assert browser.post("/settings/getting-paid", form="/settings/getting-paid", **BANK).status_code == 303
    assert studio_of(wiring, ilze).iban == "LV80BANK0000435195001"
    assert events(wiring)[-1] == "bank_details.changed"
    assert mailed(wiring)[-1].kind == "bank_changed"
    assert "LV80" not in mailed(wiring)[-1].body


def test_promise_29_a_script_is_told_with_a_code(browser: Browser, ilze: str, clock: MovableClock) -> None:
    browser.sign_in(ilze)
    browser.get("/settings/getting-paid")
    clock.move(minutes=16)
    browser.post("/settings/account", form="/settings/account", locale="en")
    answer = browser.client.post("/settings/getting-paid", data={"csrf": browser.token, **BANK})
    assert (answer.status_code, answer.json()["code"]) == (403, "prove_again")


def test_promise_29_an_api_token_needs_a_fresh_proof(
    browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    browser.sign_in(ilze)
    clock.move(minutes=16)
    refused = browser.post("/settings/tokens", form="/settings/tokens", label="shop")
    assert refused.headers["location"] == "/sign-in/again?next=/settings/tokens"
    with wiring.db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ApiToken)) == 0


def test_promise_29_the_studios_address_needs_a_fresh_proof(
    browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    browser.sign_in(ilze)
    clock.move(minutes=16)
    profile = {"name": "X", "locale": "en", "timezone": "UTC", "currency": "EUR"}
    refused = browser.post("/settings/profile", form="/settings/profile", email="thief@evil.example", **profile)
    assert refused.headers["location"] == "/sign-in/again?next=/settings/profile"
    kept = browser.post("/settings/profile", form="/settings/profile", email=ilze, **profile)
    assert kept.headers["location"] == "/settings/profile"
    assert (studio_of(wiring, ilze).name, studio_of(wiring, ilze).email) == ("X", ilze)


def test_promise_29_a_new_address_needs_a_fresh_proof_and_its_own_link(
    browser: Browser, other_browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    browser.sign_in(ilze)
    other_browser.sign_in(ilze)
    clock.move(minutes=16)
    refused = browser.post("/settings/account/email", form="/settings/account", email="new@studio.example")
    assert refused.headers["location"] == "/sign-in/again?next=/settings/account"
    browser.sign_in(ilze)
    old_mailbox = link_for(wiring, ilze)
    asked = browser.post("/settings/account/email", form="/settings/account", email="new@studio.example")
    assert asked.headers["location"] == "/settings/account"
    assert studio_of(wiring, ilze).email == ilze
    [message] = [m for m in mailed(wiring) if m.kind == "email_change"]
    assert message.recipient == "new@studio.example"
    path = LINK.search(message.body)
    assert path
    assert browser.post(path.group(1), form=path.group(1)).headers["location"] == "/settings/account"
    assert studio_of(wiring, "new@studio.example").email == "new@studio.example"
    assert other_browser.get("/settings/account").status_code == 303
    assert browser.get("/settings/account").status_code == 200
    assert browser.get(old_mailbox).status_code == 410
    assert [m.recipient for m in mailed(wiring) if m.kind == "email_changed"] == [ilze]
    assert "member.email_changed" in events(wiring)


def test_a_mistyped_new_address_hands_the_account_to_nobody(
    browser: Browser, other_browser: Browser, ilze: str, janis: str, wiring: Wiring
) -> None:
    browser.sign_in(ilze)
    browser.post("/settings/account/email", form="/settings/account", email="stranger@example.com")
    found = LINK.search(mailed(wiring)[-1].body)
    assert found
    path = found.group(1)
    assert ilze not in other_browser.get(path).text
    assert other_browser.post(path, form=path).status_code == 403
    other_browser.sign_in(janis)
    assert other_browser.post(path, form=path).status_code == 403
    with wiring.db.read() as tx:
        assert sorted(tx.scalars(select(Member.email))) == [ilze, janis]


def test_an_address_that_is_taken_is_answered_like_a_free_one(
    browser: Browser, ilze: str, janis: str, wiring: Wiring
) -> None:
    browser.sign_in(ilze)
    free = browser.post("/settings/account/email", form="/settings/account", email="free@example.com")
    taken = browser.post("/settings/account/email", form="/settings/account", email=janis)
    assert (free.status_code, free.headers["location"]) == (taken.status_code, taken.headers["location"])
    with wiring.db.read() as tx:
        assert janis not in set(tx.scalars(select(OutboxMessage.recipient)))


def test_the_bounds_of_a_proof(ilze: str, browser: Browser, wiring: Wiring, clock: MovableClock) -> None:
    from service.accounts.models import WebSession

    browser.sign_in(ilze)
    with wiring.db.read() as tx:
        session, member = tx.scalars(select(WebSession)).one(), tx.scalars(select(Member)).one()
        who = Who(member, studio_of(wiring, ilze), session)
        clock.move(minutes=15)
        recently_proved(who, clock())
        clock.move(seconds=1)
        with pytest.raises(Forbidden) as refused:
            recently_proved(who, clock())
        assert refused.value.code == "prove_again"
        recently_proved(Who(member, who.studio, None), clock())

"""Signing in by e-mail link: no answer tells who is known, links work once, sessions rotate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.accounts.models import Member, SignInLink, WebSession
from service.accounts.who import secret_hash
from service.errors import Gone
from service.notify.models import OutboxMessage
from service.wiring import Wiring
from tests.conftest import MovableClock
from tests.service.accounts.conftest import Browser, events, link_for

LINK = re.compile(r"http://testserver(/sign-in/\S+)")


def mailed(wiring: Wiring) -> list[OutboxMessage]:
    with wiring.db.read() as tx:
        found = list(tx.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)))
        tx.expunge_all()
    return found


def link_row(wiring: Wiring, path: str) -> SignInLink:
    with wiring.db.read() as tx:
        found = tx.scalars(select(SignInLink).where(SignInLink.secret_sha256 == secret_hash(path[9:]))).one()
        tx.expunge_all()
        return found


def sessions(wiring: Wiring, *, live: bool = True) -> int:
    with wiring.db.read() as tx:
        query = select(WebSession).where(WebSession.ended_at.is_(None)) if live else select(WebSession)
        return len(list(tx.scalars(query)))


def test_a_link_comes_by_mail_and_signs_in(browser: Browser, ilze: str, wiring: Wiring) -> None:
    asked = browser.post("/sign-in", email=" Ilze@Studio.Example ", next="/deliveries/dlv_1")
    assert asked.headers["location"] == "/sign-in/sent"
    [message] = mailed(wiring)
    assert (message.kind, message.recipient) == ("sign_in", ilze)
    found = LINK.search(message.body)
    assert found
    signed_in = browser.post(found.group(1), form=found.group(1))
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/deliveries/dlv_1")
    assert browser.get("/settings/account").status_code == 200
    assert events(wiring)[-1] == "member.signed_in"


def test_the_answer_is_the_same_for_an_unknown_address(browser: Browser, ilze: str, wiring: Wiring) -> None:
    known, unknown = (browser.post("/sign-in", email=email) for email in (ilze, "nobody@example.com"))
    assert (known.status_code, known.text, known.headers["location"]) == (
        unknown.status_code,
        unknown.text,
        unknown.headers["location"],
    )
    assert {*known.headers} == {*unknown.headers}
    assert [m.recipient for m in mailed(wiring)] == [ilze]


def test_a_mistyped_address_is_said_beside_the_field_and_kept(browser: Browser) -> None:
    answer = browser.post("/sign-in", email="ilze at studio")
    assert answer.status_code == 422
    assert 'value="ilze at studio"' in answer.text
    assert "name@example.com" in answer.text


def test_promise_17_scanners_never_consume_a_sign_in_link(browser: Browser, ilze: str, wiring: Wiring) -> None:
    path = link_for(wiring, ilze)
    for _ in range(3):
        assert browser.get(path).status_code == 200
        assert browser.client.head(path).status_code in {200, 405}
        assert browser.client.options(path).status_code in {200, 405}
    assert link_row(wiring, path).used_at is None
    assert sessions(wiring, live=False) == 0
    assert browser.post(path, form=path).status_code == 303


def test_a_link_works_once_and_its_page_then_says_so(browser: Browser, ilze: str, wiring: Wiring) -> None:
    path = link_for(wiring, ilze)
    assert browser.post(path, form=path).status_code == 303
    again = browser.post(path, form="/settings/account")
    assert again.status_code == 410
    assert 'href="/sign-in"' in again.text
    assert browser.get(path).status_code == 410
    assert sessions(wiring, live=False) == 1


def test_a_link_lives_twenty_minutes(browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock) -> None:
    path, late = link_for(wiring, ilze), link_for(wiring, ilze)
    clock.move(minutes=19, seconds=59)
    assert browser.post(path, form=path).status_code == 303
    clock.move(seconds=1)
    assert browser.get(late).status_code == 410
    assert browser.post(late, form="/settings/account").status_code == 410


def test_a_link_of_our_shape_that_we_never_made_is_over(browser: Browser, ilze: str) -> None:
    assert browser.get("/sign-in/" + "x" * 43).status_code == 410
    program = browser.client.get("/sign-in/" + "x" * 43)
    assert (program.status_code, program.json()["code"]) == (410, "sign_in_link_over")


def test_signing_in_again_rotates_the_session(
    browser: Browser, other_browser: Browser, ilze: str, wiring: Wiring
) -> None:
    browser.sign_in(ilze)
    before = browser.client.cookies["tillpaid_session"]
    browser.sign_in(ilze)
    after = browser.client.cookies["tillpaid_session"]
    assert before != after
    assert sessions(wiring) == 1
    assert sessions(wiring, live=False) == 2
    other_browser.client.cookies.set("tillpaid_session", before)
    assert other_browser.get("/settings/account").status_code == 303
    other_browser.client.cookies.set("tillpaid_session", after)
    assert other_browser.get("/settings/account").status_code == 200


def test_promise_12_no_secret_is_kept_readable(browser: Browser, ilze: str, wiring: Wiring) -> None:
    path = link_for(wiring, ilze)
    browser.post(path, form=path)
    kept = wiring.settings.data_dir / "tillpaid.db"
    everything = b"".join(part.read_bytes() for part in kept.parent.glob("tillpaid.db*"))
    assert path[9:].encode() not in everything
    assert browser.client.cookies["tillpaid_session"].encode() not in everything


def test_promise_12_logs_and_addresses_hold_no_link(
    browser: Browser, ilze: str, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    path = link_for(wiring, ilze)
    browser.post(path, form=path)
    assert path[9:] not in capsys.readouterr().out


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/sign-in/again",
        "/sign-out",
        "/a\r\nSet-Cookie: x=y",
        "/" + "a" * 600,
    ],
)
def test_next_leads_only_to_our_own_pages(browser: Browser, ilze: str, wiring: Wiring, evil: str) -> None:
    path = link_for(wiring, ilze, next_path=evil)
    assert browser.post(path, form=path).headers["location"] == "/deliveries"
    assert browser.client.get("/sign-in", params={"next": evil}).headers["location"] == "/deliveries"


def test_promise_28_asking_is_limited_by_e_mail_known_or_not(browser: Browser, ilze: str, wiring: Wiring) -> None:
    answers = {
        email: [browser.post("/sign-in", email=email).status_code for _ in range(6)] for email in (ilze, "n@x.lv")
    }
    assert answers[ilze] == answers["n@x.lv"] == [303] * 5 + [429]
    assert len(mailed(wiring)) == 5


def test_promise_28_asking_is_limited_by_address(browser: Browser, clock: MovableClock) -> None:
    codes = [browser.post("/sign-in", email=f"person{n}@example.com").status_code for n in range(21)]
    assert codes == [303] * 20 + [429]
    refused = browser.post("/sign-in", email="one@example.com")
    assert int(refused.headers["retry-after"]) > 0
    clock.move(minutes=20)
    assert browser.post("/sign-in", email="one@example.com").status_code == 303


def test_promise_28_guessing_links_is_limited(browser: Browser, ilze: str) -> None:
    page = browser.get("/sign-in")
    assert page.status_code == 200
    codes = [browser.post(f"/sign-in/{'x' * 42}{n % 10}").status_code for n in range(61)]
    assert codes[:60] == [410] * 60
    assert codes[60] == 429


def test_promise_29_forms_need_our_token_and_our_site(browser: Browser, ilze: str, wiring: Wiring) -> None:
    path = link_for(wiring, ilze)
    assert browser.client.post(path).status_code == 403
    page = browser.post("/sign-in", email=ilze)
    assert page.status_code == 303
    elsewhere = {"Origin": "https://evil.example"}
    assert browser.client.post(path, data={"csrf": browser.token}, headers=elsewhere).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert browser.client.post(path, data={"csrf": browser.token}, headers=cross).status_code == 403
    hidden = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert browser.client.post(path, data={"csrf": browser.token}, headers=hidden).status_code == 403
    assert browser.client.post(path, data={"csrf": "guessed"}, headers={"Origin": "null"}).status_code == 403
    assert link_row(wiring, path).used_at is None
    as_browsers_send = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post(path, data={"csrf": browser.token}, headers=as_browsers_send).status_code == 303


def test_sign_out_ends_the_session_on_the_server(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    kept = browser.client.cookies["tillpaid_session"]
    out = browser.post("/sign-out", form="/settings/account")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert sessions(wiring) == 0
    browser.client.cookies.set("tillpaid_session", kept)
    assert browser.get("/settings/account").status_code == 303


def test_a_session_ends_by_itself(browser: Browser, ilze: str, clock: MovableClock) -> None:
    browser.sign_in(ilze)
    clock.move(days=29)
    assert browser.get("/settings/account").status_code == 200
    clock.move(days=1)
    assert browser.get("/settings/account").status_code == 303


def test_seen_is_touched_by_writing_requests_at_most_hourly(
    browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    def seen() -> timedelta:
        with wiring.db.read() as tx:
            session = tx.scalars(select(WebSession)).one()
            return session.seen_at - session.created_at

    browser.sign_in(ilze)
    clock.move(minutes=59)
    browser.post("/settings/account", form="/settings/account", locale="en")
    assert seen() == timedelta(0)
    clock.move(minutes=30)
    browser.get("/settings/account")
    assert seen() == timedelta(0)
    browser.post("/settings/account", form="/settings/account", locale="en")
    assert seen() == timedelta(minutes=89)


def test_the_root_leads_on(browser: Browser, ilze: str) -> None:
    assert browser.get("/").headers["location"] == "/sign-in"
    browser.sign_in(ilze)
    assert browser.get("/").headers["location"] == "/deliveries"


def test_two_uses_at_once_sign_in_once(ilze: str, wiring: Wiring) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from service.accounts.use_link import use_link

    secret = link_for(wiring, ilze)[9:]

    def use(_: int) -> bool:
        try:
            with wiring.db.write() as tx:
                use_link(tx, wiring, secret, agent="", who=None)
        except Gone:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1
    assert sessions(wiring, live=False) == 1


def test_without_mail_the_link_is_printed_where_the_server_runs(
    browser: Browser, ilze: str, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.post("/sign-in", email=ilze)
    found = LINK.search(capsys.readouterr().out)
    assert found
    assert "terminal" in browser.get("/sign-in/sent").text
    assert browser.post(found.group(1), form=found.group(1)).status_code == 303
    with wiring.db.read() as tx:
        assert tx.scalars(select(Member)).one().email == ilze

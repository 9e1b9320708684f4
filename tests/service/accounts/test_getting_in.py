"""The first run, the greeting of `serve`, and the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import func, select

from service.accounts.greeting import greet
from service.accounts.models import ApiToken, Member
from service.accounts.repository import api_token_by_secret
from service.accounts.who import secret_hash
from service.cli import command_line
from service.settings import load
from service.wiring import Wiring
from tests.conftest import MovableClock
from tests.service.accounts.conftest import Browser, events, studio_of


def path_in(lines: list[str]) -> str:
    return lines[-1].strip().removeprefix("http://testserver")


def test_the_first_run_link_leads_to_a_studio(browser: Browser, wiring: Wiring) -> None:
    path = path_in(greet(wiring))
    page = browser.get(path)
    assert page.status_code == 200
    assert 'name="studio_name"' in page.text
    answer = browser.post(path, form=path, email="Ilze@Studio.Example", studio_name="Foto Ozols", locale="lv")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/profile")
    studio = studio_of(wiring, "ilze@studio.example")
    assert (studio.name, studio.locale, studio.timezone) == ("Foto Ozols", "lv", "Europe/Riga")
    assert browser.get("/settings/profile").status_code == 200
    assert events(wiring) == ["studio.created", "member.signed_in"]


def test_promise_17_looking_at_the_first_run_link_makes_nobody(browser: Browser, wiring: Wiring) -> None:
    path = path_in(greet(wiring))
    for _ in range(3):
        assert browser.get(path).status_code == 200
    with wiring.db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Member)) == 0


def test_a_mistyped_first_run_can_be_mended(browser: Browser, wiring: Wiring) -> None:
    path = path_in(greet(wiring))
    wrong = browser.post(path, form=path, email="ilze", studio_name="Foto Ozols", locale="en")
    assert wrong.status_code == 422
    assert 'value="Foto Ozols"' in wrong.text
    assert browser.post(path, form=path, email="ilze@studio.example", studio_name="Foto").status_code == 303


def test_a_first_run_link_is_dead_once_somebody_is_there(browser: Browser, wiring: Wiring) -> None:
    first, second = path_in(greet(wiring)), path_in(greet(wiring))
    assert browser.get(first).status_code == 410
    assert browser.post(second, form=second, email="ilze@studio.example").status_code == 303
    assert browser.get(second).status_code == 410
    with wiring.db.write() as tx:
        from service.accounts.issue_link import issue_link

        late = issue_link(tx, wiring, member_id=None, purpose="first_run").removeprefix("http://testserver")
    assert browser.get(late).status_code == 410
    assert browser.post(late, form="/settings/account", email="thief@evil.example").status_code == 410


def test_without_mail_serve_lets_the_first_member_in(
    browser: Browser, ilze: str, wiring: Wiring, clock: MovableClock
) -> None:
    clock.move(minutes=1)
    lines = greet(wiring)
    assert ilze in lines[0]
    path = path_in(lines)
    assert browser.post(path, form=path).status_code == 303


def test_with_mail_serve_prints_no_link(ilze: str, wiring: Wiring) -> None:
    wiring.settings = replace(wiring.settings, mail=replace(wiring.settings.mail, smtp_url="smtp://localhost"))
    assert greet(wiring) == []


def run(data: Path, *words: str, database: str = "") -> tuple[int, str, str]:
    runner = CliRunner(env={"TILLPAID_BASE_URL": "http://testserver", "TILLPAID_DATABASE_URL": database})
    done = runner.invoke(command_line(), ["--data-dir", str(data), *words])
    return done.exit_code, done.stdout, done.stderr


def test_token_create_makes_the_studio_and_prints_the_token_alone(tmp_path: Path) -> None:
    data = tmp_path / "fresh"
    code, out, err = run(data, "token", "create", "Ilze@Studio.Example")
    assert (code, err) == (0, "")
    assert len(out.split()) == 1
    again = run(data, "token", "create", "ilze@studio.example")
    assert again[0] == 0
    assert again[1] != out
    wiring = Wiring(load({}, data_dir=data))
    with wiring.db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Member)) == 1
        assert tx.scalar(select(func.count()).select_from(ApiToken)) == 2
        found = api_token_by_secret(tx, secret_hash(out.strip()))
        assert found is not None
        assert found[1].email == "ilze@studio.example"
    wiring.close()


def test_token_create_refuses_what_is_no_address(tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "fresh", "token", "create", "ilze")
    assert (code, out) == (1, "")
    assert "name@example.com" in err


def test_sign_in_link_prints_a_link_that_works(browser: Browser, ilze: str, wiring: Wiring) -> None:
    code, out, _err = run(wiring.settings.data_dir, "sign-in-link", ilze, database=wiring.settings.database_url)
    assert code == 0
    assert out.startswith("http://testserver/sign-in/")
    path = out.strip().removeprefix("http://testserver")
    assert browser.post(path, form=path).status_code == 303


def test_sign_in_link_for_nobody_says_what_to_do(tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "fresh", "sign-in-link", "ilze@studio.example")
    assert (code, out) == (1, "")
    assert "token create" in err


def test_asking_for_help_touches_no_database(tmp_path: Path) -> None:
    code, out, _err = run(tmp_path / "fresh", "token", "create", "--help")
    assert code == 0
    assert "EMAIL" in out
    assert not (tmp_path / "fresh" / "tillpaid.db").exists()

"""From signing in to a link that is sent: files first, details while they are on their way, four screens at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import ask
from tests.journeys.server import Server
from tests.journeys.studio import EMAIL
from tests.journeys.uploading import drag, folder_of_files, slow_down

pytestmark = pytest.mark.browser
MOST_SCREENS = 4


class Screens:
    """Counts the pages a person is shown from now on; going on within a page is no new screen."""

    def __init__(self, person: Person) -> None:
        self.shown = [person.page.url]
        person.page.on("framenavigated", lambda frame: self.shown.append(frame.url.split("#")[0]))


def _signed_in(server: Server, people: Callable[..., Person], **traits: object) -> Person:
    ilze = people(server.url, **traits)
    ilze.go(server.first_link)
    ilze.fill(email=EMAIL, studio_name="Studija Kāpa")
    ilze.press_button("main form .button")
    ilze.go(f"/deliveries?lang={ilze.language}")
    return ilze


def _fill(ilze: Person) -> None:
    ilze.fill(title="Kāzas Cēsīs", client_name="Anna", client_email="anna@client.example", amount="450")
    ilze.find("[name=locale]").first.select_option(ilze.language)


@pytest.mark.parametrize(("width", "language", "scripts"), [(390, "lv", True), (1280, "en", True), (390, "en", False)])
def test_at_most_four_screens_to_a_sent_link(
    server: Server, people: Callable[..., Person], tmp_path: Path, width: int, language: str, scripts: bool
) -> None:
    ilze = _signed_in(server, people, width=width, language=language, scripts=scripts)
    screens = Screens(ilze)
    ilze.see("deliveries-empty")
    ilze.press_button("main .empty form button")
    files = folder_of_files(tmp_path / "Cēsis", 3, 20_000)
    ilze.find("#f-file").set_input_files([str(file) for file in files])
    if scripts:
        expect(ilze.find("[data-finished] a")).to_be_visible()
    else:
        ilze.press_button("[data-upload-button] button")
    _fill(ilze)
    ilze.see("delivery-begun")
    ilze.press_button("#agree button[value=send]")
    expect(ilze.find("#links .copy-field input")).to_have_count(1)
    assert len(screens.shown) <= MOST_SCREENS, screens.shown
    ilze.see("delivery-sent")


def test_details_are_sent_while_files_are_on_their_way(
    server: Server, people: Callable[..., Person], tmp_path: Path
) -> None:
    """The page is not left, so no upload is cut off; what was wrong stands beside its field there, too."""
    ilze = _signed_in(server, people)
    ilze.press_button("main .empty form button")
    delivery = ilze.page.url.split("/deliveries/")[1].split("#")[0]
    files = folder_of_files(tmp_path / "Cēsis", 3, 2_000_000)
    session = slow_down(ilze, 1_500_000.0)
    left: list[Request] = []
    ilze.page.on("request", lambda request: left.append(request) if request.is_navigation_request() else None)
    drag(ilze, tmp_path / "Cēsis", "dragEnter", "dragOver", "drop")
    expect(ilze.find("form[data-busy]")).to_have_count(1)
    _fill(ilze)
    ilze.fill(amount="daudz")
    ilze.find("#agree button[value=send]").click()
    expect(ilze.find("#f-amount-error")).to_be_visible()
    expect(ilze.find("[name=amount]").first).to_be_focused()
    ilze.forgive(422)
    assert ilze.find("#agree [name=title]").input_value() == "Kāzas Cēsīs"
    ilze.fill(amount="450")
    ilze.find("#agree button[value=send]").click()
    expect(ilze.find("#links .button-copy")).to_have_count(1)
    ilze.see("delivery-sent-while-uploading")
    session.detach()
    expect(ilze.find("[data-finished] a")).to_be_visible()
    assert left == []
    kept = ask(server, server.command("token", "create", EMAIL), f"/deliveries/{delivery}/assets")["items"]
    assert len(kept) == len(files)

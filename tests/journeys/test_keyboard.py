"""The main actions with the keyboard alone: sign in, create, upload, send, record the payment, download."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.server import Server
from tests.journeys.studio import EMAIL, STUDIO
from tests.originals import canary_png

pytestmark = pytest.mark.browser


def test_the_main_actions_by_keyboard(server: Server, people: Callable[..., Person], tmp_path: Path) -> None:
    original = tmp_path / "logo.png"
    original.write_bytes(canary_png().content)
    ilze, anna = people(server.url), people(server.url, width=390)
    _create(ilze, server)
    _upload(ilze, original)
    ilze.enter("#links form.form button")
    address = ilze.find("#links .copy-field input").first.input_value()

    anna.go(address)
    anna.enter(".share-head a.strip")
    anna.tab_to(".shot > a")
    anna.go(address)
    anna.tab_to("#pay .button-copy")

    ilze.type_into(source_ref="statement line 9")
    ilze.enter("#money button[name=then][value=release]")

    anna.page.reload()
    anna.tab_to("#downloads .row button")
    with anna.page.expect_download() as waiting:
        anna.page.keyboard.press("Enter")
    assert Path(waiting.value.path()).read_bytes() == original.read_bytes()


def _create(ilze: Person, server: Server) -> None:
    ilze.go(server.first_link)
    ilze.page.keyboard.press("Tab")
    expect(ilze.find(".skip")).to_be_focused()
    ilze.type_into(email=EMAIL, studio_name=STUDIO)
    ilze.enter("main form .button")
    ilze.enter("header a[href='/deliveries']")
    ilze.enter("main form[action='/deliveries/begin'] button")
    ilze.type_into(title="Logotips", client_name="Anna", amount="90")
    ilze.enter("#agree button[value=save]")


def _choose(ilze: Person, original: Path) -> None:
    """Enter opens the browser's own dialog; a busy browser drops a press now and then, and a person presses again."""
    for last in (False, False, True):
        ilze.tab_to("#f-file")
        try:
            with ilze.page.expect_file_chooser(timeout=20_000) as waiting:
                ilze.page.keyboard.press("Enter")
        except PlaywrightTimeout:
            if last:
                raise
        else:
            waiting.value.set_files(original)
            return


def _upload(ilze: Person, original: Path) -> None:
    _choose(ilze, original)
    expect(ilze.find("[data-finished] a")).to_be_visible()
    ilze.enter("[data-finished] a")
    expect(ilze.find(".asset")).to_have_count(1)
    while ilze.find(".asset img").count() == 0:
        ilze.page.wait_for_timeout(300)
        ilze.page.reload()

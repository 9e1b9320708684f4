"""The uploader: folders, pause, reload, the same folder again, failure and retry; by keyboard, at 320 px, in Latvian."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import ask
from tests.journeys.server import Server
from tests.journeys.studio import EMAIL, sign_in_first
from tests.journeys.uploading import drag, folder_of_files, slow_down, words_of

pytestmark = pytest.mark.browser
SLOW = 2_000_000.0


@pytest.fixture
def ilze(server: Server, people: Callable[..., Person]) -> Person:
    """Ilze before a new delivery."""
    person = people(server.url)
    sign_in_first(person, server)
    person.go("/deliveries/new")
    person.fill(title="Kāzas", client_name="Anna", amount="450")
    person.press_button("main form .button:not(.button-quiet)")
    return person


def kept(server: Server, delivery: str) -> list[str]:
    """SHA-256 of every file in the delivery, in their order."""
    token = server.command("token", "create", EMAIL)
    items = ask(server, token, f"/deliveries/{delivery}/assets?limit=200")["items"]
    assert all(item["filename"] for item in items)
    return [item["sha256"] for item in items]


def digests(files: list[Path]) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_a_folder_is_dropped_paused_lost_with_the_browser_and_goes_on(
    ilze: Person, server: Server, tmp_path: Path
) -> None:
    files = folder_of_files(tmp_path / "Cēsis", 7, 1_500_000)
    delivery = ilze.page.url.split("/deliveries/")[1].split("#")[0]
    ilze.see("uploader-idle")
    drag(ilze, tmp_path / "Cēsis", "dragEnter", "dragOver")
    expect(ilze.find(".drop-over")).to_have_count(1)
    ilze.keep_picture("uploader-dragging")
    drag(ilze, tmp_path / "Cēsis", "dragCancel")
    session = slow_down(ilze, SLOW / 2)
    drag(ilze, tmp_path / "Cēsis", "dragEnter", "dragOver", "drop")
    rows = ilze.find("[data-list] .row-name")
    expect(rows).to_have_text([str(file.relative_to(tmp_path)) for file in files])
    expect(ilze.find("[data-total-words]")).to_contain_text(re.compile(r"[1-6] of 7 files done"))
    ilze.tab_to("[data-pause]")
    ilze.page.keyboard.press("Enter")
    expect(ilze.find("[data-say]")).to_have_text("Paused. What was sent is kept.")
    expect(ilze.find("[data-pause]")).to_have_text("Go on")
    ilze.see("uploader-paused")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    ilze.page.on("dialog", leave)
    ilze.page.reload()
    assert asked == ["beforeunload"], "leaving in the middle is asked about"
    expect(ilze.find("[data-interrupted]")).to_be_visible()
    ilze.see("uploader-interrupted")
    session.detach()
    already = len(kept(server, delivery))
    drag(ilze, tmp_path / "Cēsis", "dragEnter", "dragOver", "drop")
    expect(ilze.find("[data-finished] a")).to_be_visible()
    expect(ilze.find("[data-say]")).to_have_text("7 of 7 files done")
    assert sorted(words_of(ilze)) == ["Done"] * (7 - already) + ["Here already"] * already
    assert already >= 1
    ilze.see("uploader-done")
    assert kept(server, delivery) == digests(files), "byte for byte, and in the folder's order"
    assert ask(server, server.command("token", "create", EMAIL), f"/uploads?delivery={delivery}")["items"] == []


def test_what_fails_says_why_and_is_tried_again(ilze: Person, server: Server, tmp_path: Path) -> None:
    files = folder_of_files(tmp_path / "Cēsis", 4, 20_000)
    (tmp_path / "empty.bin").write_bytes(b"")
    delivery = ilze.page.url.split("/deliveries/")[1].split("#")[0]
    refused: list[str] = []

    def refuse_two(route: Route) -> None:
        if route.request.method == "PATCH" and len(refused) < 2:
            refused.append(route.request.url)
            problem = {"status": 403, "code": "forbidden", "detail": "You are not allowed to do this."}
            route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    ilze.page.route("**/api/v1/uploads/*", refuse_two)
    ilze.find("#f-file").set_input_files([*map(str, files), str(tmp_path / "empty.bin")])
    again = ilze.find("[data-again]")
    expect(again).to_have_text("Try all failed ones again (2)")
    expect(ilze.find("[data-total-words]")).to_contain_text("2 of 5 files done")
    expect(ilze.find("[data-list] .upload-failed")).to_have_count(3)
    assert words_of(ilze).count("You are not allowed to do this.") == 2
    assert words_of(ilze)[-1] == "This file is empty."
    ilze.forgive(403)
    ilze.see("uploader-failed")
    ilze.tab_to("[data-again]")
    ilze.page.keyboard.press("Enter")
    expect(ilze.find("[data-total-words]")).to_contain_text("4 of 5 files done")
    expect(ilze.find("[data-list] .upload-failed")).to_have_count(1)
    assert sorted(kept(server, delivery)) == sorted(digests(files))


def test_interrupted_uploads_can_be_forgotten_in_latvian_on_a_phone(
    server: Server, people: Callable[..., Person], tmp_path: Path
) -> None:
    first = people(server.url)
    sign_in_first(first, server)
    token = server.command("token", "create", EMAIL)
    client = {"name": "Anna", "email": ""}
    delivery = ask(server, token, "/deliveries", {"title": "T", "client": client, "amount": "1.00", "currency": "EUR"})
    phone = people(server.url, width=320, language="lv")
    phone.go(server.sign_in_link(EMAIL))
    phone.press_button("main form .button")
    phone.go(f"/deliveries/{delivery['id']}?lang=lv")
    (tmp_path / "liels.bin").write_bytes(bytes(6_000_000))
    slow_down(phone, SLOW / 4)
    phone.find("#f-file").set_input_files(tmp_path / "liels.bin")
    expect(phone.find("[data-list] .upload-state")).to_contain_text("MB")
    phone.see("uploader-phone")
    phone.page.on("dialog", lambda dialog: dialog.accept())
    phone.page.reload()
    expect(phone.find("[data-interrupted]")).to_be_visible()
    phone.see("uploader-phone-interrupted")
    phone.find("[data-forget]").click()
    expect(phone.find("[data-interrupted]")).to_be_hidden()
    expect(phone.find("#f-file")).to_be_focused()
    assert ask(server, token, f"/uploads?delivery={delivery['id']}")["items"] == []


LATE_SECOND = """() => {
  const { open, send } = XMLHttpRequest.prototype;
  let begun = 0;
  XMLHttpRequest.prototype.open = function (method, ...rest) { this.method = method; open.call(this, method, ...rest); };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.method === "POST" && ++begun === 2) setTimeout(() => send.call(this, body), 1500);
    else send.call(this, body);
  };
}"""


def test_the_order_stays_the_chosen_one_when_one_is_slow_to_begin(ilze: Person, server: Server, tmp_path: Path) -> None:
    """The first file ends while the second one is only beginning: the third one waits for that."""
    files = folder_of_files(tmp_path / "Cēsis", 5, 1000)
    delivery = ilze.page.url.split("/deliveries/")[1].split("#")[0]
    ilze.page.evaluate(LATE_SECOND)
    ilze.find("#f-file").set_input_files(list(map(str, files)))
    expect(ilze.find("[data-finished] a")).to_be_visible()
    assert kept(server, delivery) == digests(files)

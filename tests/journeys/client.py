"""What the client does at theirs."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Download, Locator, expect

from tests.journeys.person import Person

REFUSED = {403, 404}


def open_link(client: Person, address: str) -> None:
    """The share page: what, from whom, how much, until when, how to pay, and marked previews."""
    client.go(address)
    client.page.wait_for_load_state("networkidle")
    expect(client.find(".shot img").first).to_be_visible()


def look_at_previews(client: Person) -> None:
    """Every preview of the page arrives as a picture."""
    for picture in client.find(".shot > a:not([hidden]) img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(i) => i.naturalWidth") > 100
    client.page.evaluate("scrollTo(0, 0)")


def page_through_viewer(client: Person) -> None:
    """The full view over the page, by keyboard alone: Enter opens, arrows turn, Esc closes and gives focus back."""
    first = client.find(".shot > a").first
    first.focus()
    client.page.keyboard.press("Enter")
    viewer = client.find(".pswp--open")
    expect(viewer).to_be_visible()
    expect(client.find(".pswp__counter")).to_have_text(re.compile(r"^1 / [2-9]"))
    expect(client.find(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)")).to_be_visible()
    client.keep_picture("viewer")
    client.page.keyboard.press("ArrowRight")
    expect(client.find(".pswp__counter")).to_have_text(re.compile(r"^2 / [2-9]"))
    client.page.keyboard.press("Escape")
    expect(client.find(".pswp")).to_have_count(0)
    expect(first).to_be_focused()


def page_through_plain(client: Person) -> None:
    """The full view as pages of their own, forward to the last and back to the grid."""
    with client.page.expect_navigation():
        client.find(".shot > a").first.click()
    client.see("view")
    seen = 1
    while client.find("a[rel=next]").count():
        client.press_button("a[rel=next]")
        seen += 1
    assert seen > 2
    client.press_button(".view-bar a:not([rel])")


def try_to_take(client: Person) -> None:
    """Before payment, no address gives an original: not the downloads' own, not a made-up token, not the vault's."""
    assert client.find("form[action*='/downloads']").count() == 0
    here = client.page.url.split("?", 1)[0].split("#", 1)[0]
    assets = [tile.get_attribute("id", timeout=5000) for tile in client.find("li[id^='a-']").all()]
    assert assets
    ask = client.context.request
    answers = [ask.post(f"{here}/downloads", max_redirects=0)]
    for asset in assets:
        name = str(asset).removeprefix("a-")
        answers.append(ask.post(f"{here}/downloads/{name}", max_redirects=0))
        answers.append(ask.get(f"{here}/previews/{name}/1/4096"))
        answers.append(ask.get(f"{here}/previews/{name}/1/original"))
    token = here.rsplit("/", 1)[1]
    answers += [ask.get(f"{client.url}/d/{token}"), ask.head(f"{client.url}/d/{token}")]
    assert {answer.status for answer in answers} <= REFUSED, [(a.url, a.status) for a in answers]


def download_one(client: Person, original: Path) -> None:
    """Clicks the button beside this name; the bytes are the original's."""
    row = client.page.locator("#downloads .row", has_text=original.name)
    taken = _download(client, row.locator("button"))
    assert taken.suggested_filename == original.name
    assert _bytes_of(taken) == original.read_bytes()


def download_all(client: Person, originals: list[Path]) -> None:
    """The ZIP holds every original, byte for byte."""
    taken = _download(client, client.find("#downloads > form button"))
    with zipfile.ZipFile(io.BytesIO(_bytes_of(taken))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in originals
        }


def _download(client: Person, button: Locator) -> Download:
    with client.page.expect_download() as waiting:
        button.click()
    return waiting.value


def _bytes_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()

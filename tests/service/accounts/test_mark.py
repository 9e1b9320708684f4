"""The mark's page: what it keeps, what it refuses, and when previews are marked anew."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageDraw

from service.wiring import Wiring
from tests.actors import drop_jobs, queued
from tests.service.accounts.conftest import Browser, events, studio_of


def png(width: int = 40, height: int = 20) -> bytes:
    file = io.BytesIO()
    logo = Image.new("RGBA", (width, height))
    ImageDraw.Draw(logo).ellipse((2, 2, width - 3, height - 3), fill=(200, 0, 0, 255))
    logo.save(file, "PNG")
    return file.getvalue()


def upload(browser: Browser, data: bytes, **more: str) -> object:
    files = {"logo": ("logo.png", data, "image/png")}
    return browser.post("/settings/mark", form="/settings/mark", files=files, **{"strength": "standard", **more})


def remarks(wiring: Wiring) -> int:
    return queued(wiring, "previews.remark_studio")


def test_saving_the_mark_keeps_it_and_marks_anew(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    typed = {"text": "  PROOF \u202e only ", "strength": "strong", "delivery": "yes"}
    assert browser.post("/settings/mark", form="/settings/mark", **typed).status_code == 303
    studio = studio_of(wiring, ilze)
    assert (studio.mark_text, studio.mark_strength, studio.mark_delivery) == ("PROOF only", "strong", True)
    assert events(wiring)[-1] == "mark.changed"
    assert remarks(wiring) == 1


def test_a_new_name_marks_anew_only_where_it_is_the_marks_text(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    profile = {"email": ilze, "locale": "en", "timezone": "UTC", "currency": "EUR"}
    browser.post("/settings/mark", form="/settings/mark", text="PROOF", strength="standard")
    assert remarks(wiring) == 1
    drop_jobs(wiring)
    browser.post("/settings/profile", form="/settings/profile", name="Another", **profile)
    assert remarks(wiring) == 0
    browser.post("/settings/mark", form="/settings/mark", text="", strength="standard")
    browser.post("/settings/profile", form="/settings/profile", name="A third", **profile)
    assert remarks(wiring) == 1  # one waiting job serves both changes


def test_the_preview_button_shows_and_saves_nothing(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    answer = browser.post("/settings/mark", form="/settings/mark", text="Try & see", strength="light", action="preview")
    assert answer.status_code == 200
    assert "/settings/mark/preview.jpg?text=Try+%26+see&amp;strength=light&amp;delivery=" in answer.text
    assert 'value="Try &amp; see"' in answer.text
    assert studio_of(wiring, ilze).mark_text == ""
    assert remarks(wiring) == 0


def test_a_logo_is_kept_stays_and_can_be_removed(browser: Browser, ilze: str, wiring: Wiring) -> None:
    browser.sign_in(ilze)
    assert upload(browser, png()).status_code == 303  # type: ignore[attr-defined]
    assert studio_of(wiring, ilze).mark_logo == png()
    assert upload(browser, b"", text="Later").status_code == 303  # type: ignore[attr-defined]
    assert studio_of(wiring, ilze).mark_logo == png()
    assert upload(browser, b"", drop_logo="yes").status_code == 303  # type: ignore[attr-defined]
    assert studio_of(wiring, ilze).mark_logo is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GIF89a" + bytes(100), "PNG picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG picture"),
        (png()[:20], "PNG picture"),
        (png() + bytes(512 * 1024), "512 KiB"),
        (png()[:16] + struct.pack(">II", 30_000, 30_000) + png()[24:], "4096 pixels"),
    ],
)
def test_a_logo_that_is_none_is_refused_beside_its_field(
    browser: Browser, ilze: str, wiring: Wiring, data: bytes, words: str
) -> None:
    browser.sign_in(ilze)
    answer = upload(browser, data, text="Kept text")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.text  # type: ignore[attr-defined]
    assert "Kept text" in answer.text  # type: ignore[attr-defined]
    assert studio_of(wiring, ilze).mark_logo is None


def test_promise_4_the_preview_is_for_members_only(browser: Browser) -> None:
    answer = browser.client.get("/settings/mark/preview.jpg", params={"text": "x", "strength": "light"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


def test_the_preview_is_a_picture_of_the_mark_as_typed(browser: Browser, ilze: str) -> None:
    browser.sign_in(ilze)
    one, other = (browser.get(f"/settings/mark/preview.jpg?text={text}&strength=strong") for text in ("ONE", "OTHER"))
    assert (one.status_code, one.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(one.content)).width == 960
    assert one.content != other.content
    assert browser.get("/settings/mark/preview.jpg?strength=gigantic").status_code == 422
    assert "no-store" in one.headers["cache-control"]


def test_promise_28_previews_are_limited(browser: Browser, ilze: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.accounts.pages.mark_preview.PER_MINUTE", 1)
    browser.sign_in(ilze)
    codes = [browser.get("/settings/mark/preview.jpg").status_code for _ in range(2)]
    assert codes == [200, 429]

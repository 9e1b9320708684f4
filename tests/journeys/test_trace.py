"""A studio finds one of its previews and asks whose it was: with the form alone, in both languages, wide and narrow."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, fetch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def screenshot(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first preview of the delivery that is held, as somebody's screen showed it."""
    _headers, body = fetch(sample.url + sample.place("held", locale="en").share, Accept="application/json")
    address = json.loads(body)["assets"][0]["pages"][0]["renditions"]["2048"]
    _headers, content = fetch(sample.url + address)
    picture = Image.open(io.BytesIO(content))
    screen = Image.new("RGB", (1366, 1000), (32, 33, 36))
    screen.paste(picture.resize((1200, round(1200 * picture.height / picture.width))), (83, 60))
    path = tmp_path_factory.mktemp("found") / "screen.png"
    screen.save(path)
    return path


@pytest.mark.parametrize(("language", "width", "scripts"), [("en", 1280, True), ("lv", 390, True), ("en", 390, False)])
def test_a_found_picture_is_traced(
    sample: Sample,
    signed_in: Any,
    people: Callable[..., Person],
    screenshot: Path,
    language: str,
    width: int,
    scripts: bool,
) -> None:
    ilze = people(sample.url, width=width, language=language, signed_in=signed_in, scripts=scripts)
    ilze.go(f"/trace?lang={language}")
    ilze.see("trace")
    ilze.find("#f-file").set_input_files(str(screenshot))
    ilze.press_button("main form .button")
    expect(ilze.find(".panel h3")).to_have_count(1)
    expect(ilze.find(f"a[href='/deliveries/{sample.place('held', locale='en').id}#links']")).to_be_visible()
    ilze.see("traced")
    ilze.keep_picture("traced", dark=True)
    buffer = io.BytesIO()
    Image.new("RGB", (900, 700), (90, 120, 90)).save(buffer, "PNG")
    found = {"name": "plain.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    ilze.find("#f-file").set_input_files(found)  # type: ignore[arg-type]
    ilze.press_button("main form .button")
    expect(ilze.find(".panel h3")).to_have_count(0)
    ilze.see("traced-nothing")

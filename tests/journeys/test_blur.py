"""While the pictures are on their way, their colours stand in their place; then the pictures do, and nothing moved."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, fetch
from watermark.sample import landscape
from watermark.steps.blur import thumbhash

pytestmark = pytest.mark.browser

People = Callable[..., Person]
DRAWN = "canvas.blur"
PIXELS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.width, canvas.height, [...data]];
}"""
BOXES = "() => [...document.querySelectorAll('.shot')].map((e) => JSON.stringify(e.getBoundingClientRect()))"
THEIRS = """async ([width, height, rgba]) => {
  const { rgbaToThumbHash } = await import("/static/vendor/thumbhash/thumbhash.js");
  return [...rgbaToThumbHash(width, height, rgba)];
}"""


class Door:
    """Pictures wait before it until it is opened."""

    def __init__(self, page: Page) -> None:
        self._waiting: list[Route] = []
        self._open = False
        page.route("**/previews/**", self._come)

    def open(self) -> None:
        self._open = True
        for route in self._waiting:
            route.continue_()

    def _come(self, route: Route) -> None:
        if self._open:
            route.continue_()
        else:
            self._waiting.append(route)


@pytest.mark.parametrize("width", [390, 1280])
def test_colours_stand_where_pictures_will(sample: Sample, people: People, width: int) -> None:
    anna = people(sample.url, width=width)
    door = Door(anna.page)
    anna.page.goto(f"{sample.url}{sample.place('held', locale='en').share}?lang=en", wait_until="domcontentloaded")
    anna.find(".shot").first.scroll_into_view_if_needed()
    drawn = anna.find(f".shot > a > {DRAWN}")
    expect(drawn.first).to_be_visible()
    picture = anna.find(".shot > a > img").first
    assert drawn.first.bounding_box() == picture.bounding_box()
    shown = _pixels(drawn.first.evaluate(PIXELS))
    address = str(picture.get_attribute("src"))
    _headers, jpeg = fetch(sample.url + address)
    with Image.open(io.BytesIO(jpeg)) as real:
        true = np.asarray(real.convert("RGB").resize((8, 8), Image.Resampling.BOX), dtype=float)
    near = np.asarray(Image.fromarray(shown).resize((8, 8), Image.Resampling.BOX), dtype=float)
    assert np.abs(near - true).mean() < 25, "they are the picture's colours, where they are in it"
    before = anna.page.evaluate(BOXES)
    door.open()
    anna.page.wait_for_load_state("networkidle")
    assert anna.page.evaluate(BOXES) == before
    for one in anna.find("img[data-blur][loading=lazy]").all():
        one.scroll_into_view_if_needed()
    expect(anna.find(DRAWN)).to_have_count(0)
    anna.faultless("colours")


def test_without_a_script_there_is_a_plain_tone(sample: Sample, people: People) -> None:
    anna = people(sample.url, width=390, scripts=False)
    door = Door(anna.page)
    anna.page.goto(f"{sample.url}{sample.place('held', locale='en').share}?lang=en", wait_until="commit")
    shot = anna.find(".shot").first
    expect(shot).to_be_visible()
    box = shot.bounding_box()
    assert box and box["height"] > 100
    expect(shot).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    door.open()
    anna.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [(96, 64), (64, 96), (96, 96), (96, 40)])
def test_ours_reads_as_the_formats_own_writer_does(sample: Sample, people: People, size: tuple[int, int]) -> None:
    pixels = landscape(*size)
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    ilze = people(sample.url)
    ilze.go("/sign-in")
    theirs = bytes(ilze.page.evaluate(THEIRS, [*size, opaque.ravel().tolist()]))
    assert base64.b64decode(thumbhash(pixels)) == theirs


def _pixels(told: Any) -> Any:
    width, height, data = told
    return np.array(data, np.uint8).reshape(height, width, 4)[:, :, :3]

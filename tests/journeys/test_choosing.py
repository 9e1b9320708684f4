"""Favourites where a choice was agreed: the studio says how many, the client chooses on the page or on one preview, and one
more than was agreed is refused in words. With scripts and without: it is forms alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, hand_over
from tests.originals import canary_jpeg

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scripts", "language"), [(True, "lv"), (False, "en")], ids=["scripts", "plain"])
def test_as_many_as_were_agreed(
    sample: Sample, signed_in: Any, people: Callable[..., Person], scripts: bool, language: str
) -> None:
    files = {f"{seed}.jpg": canary_jpeg(f"{seed}.jpg", seed, 600, 400).content for seed in (1, 2, 3)}
    delivery, path = hand_over(sample, "Portreti, izvēle", files)
    ilze = people(sample.url, signed_in=signed_in, language=language, scripts=scripts)
    ilze.go(f"/deliveries/{delivery}?lang={language}")
    ilze.find("#feedback details summary").click()
    ilze.fill(at_most="2")
    ilze.press_button("#feedback details form button")
    anna = people(sample.url, width=390 if scripts else 1280, language=language, scripts=scripts)
    anna.go(f"{path}?lang={language}")
    hearts = anna.find(".shot-choose button")
    for place in (0, 1):
        with anna.page.expect_navigation():
            hearts.nth(place).click()
        expect(hearts.nth(place)).to_be_in_viewport()
        expect(hearts.nth(place)).to_have_attribute("aria-pressed", "true")
    anna.see("share-chosen")
    with anna.page.expect_navigation():
        hearts.nth(2).click()
    expect(anna.find(".flash-problem")).to_be_in_viewport()
    expect(hearts.nth(2)).to_have_attribute("aria-pressed", "false")
    expect(anna.find(".shot-choose [aria-pressed=true]")).to_have_count(2)
    anna.see("share-chosen-too-many")
    anna.go(str(anna.find(".shot > a").first.get_attribute("href")))
    choose = anna.find("form[action$='/favourites'] button")
    with anna.page.expect_navigation():
        choose.click()
    with anna.page.expect_navigation():
        hearts.nth(2).click()
    expect(hearts.first).to_have_attribute("aria-pressed", "false")
    expect(hearts.nth(2)).to_have_attribute("aria-pressed", "true")
    ilze.page.reload()
    expect(ilze.find("#feedback")).to_contain_text("2.jpg, 3.jpg")
    ilze.see("delivery-chosen")

"""Keyboard shortcuts: listed under "?", never taken while somebody types, and turned off for good with one box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "lv"])
def test_shortcuts(sample: Sample, signed_in: Any, people: Callable[..., Person], language: str) -> None:
    ilze = people(sample.url, width=1280, language=language, signed_in=signed_in)
    ilze.go(f"/deliveries?lang={language}")
    keys, dialog = ilze.page.keyboard, ilze.find("#shortcuts")
    ilze.find("[name=q]").focus()
    keys.type("?gc")
    expect(dialog).not_to_be_visible()
    expect(ilze.find("[name=q]")).to_have_value("?gc")
    ilze.find("h1").click()
    keys.type("?")
    expect(dialog).to_be_visible()
    ilze.see("shortcuts")
    keys.press("Escape")
    expect(dialog).not_to_be_visible()
    keys.press("/")
    expect(ilze.find("[name=q]")).to_be_focused()
    ilze.find("h1").click()
    with ilze.page.expect_navigation():
        keys.type("gc")
    assert ilze.page.url.endswith("/clients")
    ilze.go(f"/deliveries/{sample.place('held').id}")
    keys.press("p")
    expect(ilze.find("#pay-amount")).to_be_focused()
    ilze.find("[data-shortcuts]").click()
    ilze.find("[data-off]").check()
    ilze.find("#shortcuts form button").click()
    ilze.page.reload()
    keys.type("?")
    expect(dialog).not_to_be_visible()
    ilze.find("[data-shortcuts]").click()
    expect(ilze.find("[data-off]")).to_be_checked()

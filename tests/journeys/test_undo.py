"""What was taken out or deleted by mistake comes back with one press, from the message or from the list, with scripts and
without; and each of these states is a page like any other: accessible, within its width, with targets for fingers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, hand_over

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("width", "language", "scripts"), [(390, "lv", True), (1280, "en", False)], ids=["phone", "plain"]
)
def test_a_mistake_is_undone(
    sample: Sample, signed_in: Any, people: Callable[..., Person], width: int, language: str, scripts: bool
) -> None:
    files = {"piezīmes.txt": b"pagaidu", "saraksts.txt": b"divi"}
    delivery, path = hand_over(sample, "Nejauši dzēsta", files)
    ilze = people(sample.url, width=width, language=language, signed_in=signed_in, scripts=scripts)
    ilze.go(f"/deliveries/{delivery}?lang={language}")
    ilze.find(".asset details summary").first.click()
    with ilze.page.expect_navigation():
        ilze.find("form[action$='/remove'] button").first.click()
    expect(ilze.find(".asset")).to_have_count(1)
    expect(ilze.find(".flash form button")).to_be_in_viewport()
    ilze.see("delivery-taken-out")
    ilze.press_button(".flash form button")
    expect(ilze.find(".asset")).to_have_count(2)
    ilze.find("details:has(> form[action$='/delete']) > summary").click()
    ilze.press_button("form[action$='/delete'] button")
    expect(ilze.find(".flash form button")).to_be_in_viewport()
    ilze.see("deliveries-one-deleted")
    anna = people(sample.url, width=width, language=language, scripts=scripts)
    anna.go(path, status=404)
    ilze.go("/deliveries/deleted")
    row = ilze.page.locator(".row", has_text="Nejauši dzēsta")
    ilze.see("deliveries-deleted-one")
    with ilze.page.expect_navigation():
        row.locator("form button").click()
    ilze.see("delivery-brought-back")
    expect(ilze.find(".asset")).to_have_count(2)
    anna.go(path)
    expect(anna.find(".card")).to_have_count(2)

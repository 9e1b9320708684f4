"""Reminding a client: each tone is read before it leaves, in the client's language; one is planned, paused with one click and
goes on with one; and nothing leaves by looking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, hand_over

pytestmark = pytest.mark.browser
PAUSE = "form[action$='/reminder/pause'] button"


@pytest.mark.parametrize(
    ("width", "language", "scripts"), [(390, "lv", True), (1280, "en", False)], ids=["phone", "plain"]
)
def test_a_reminder_is_read_planned_and_paused(
    sample: Sample, signed_in: Any, people: Callable[..., Person], width: int, language: str, scripts: bool
) -> None:
    delivery, _path = hand_over(sample, "Bukleta fotogrāfijas", {"piezīmes.txt": b"pagaidu"}, locale="lv")
    ilze = people(sample.url, width=width, language=language, signed_in=signed_in, scripts=scripts)
    ilze.go(f"/deliveries/{delivery}?lang={language}")
    ilze.press_button("a[href$='/reminder']")
    letters = []
    for tone in ("polite", "firm", "formal"):
        ilze.press_button(f"main a[href$='tone={tone}']")
        letter = ilze.find("section .prose")
        expect(letter).to_have_attribute("lang", "lv")
        expect(letter).to_contain_text("300,00")
        expect(letter).to_contain_text("RF")
        letters.append(letter.inner_text())
        ilze.see(f"reminder-{tone}")
    assert len(set(letters)) == 3
    ilze.fill(day=(datetime.now(UTC).date() + timedelta(days=9)).isoformat())
    ilze.press_button("form[action$='/reminder/plan'] button")
    ilze.see("delivery-reminder-planned")
    for paused in ("0", "1"):
        ilze.press_button(PAUSE)
        expect(ilze.find("form[action$='/reminder/pause'] [name=paused]")).to_have_value(paused)
    ilze.press_button(PAUSE)
    ilze.see("delivery-reminder-paused")
    ilze.go("/outbox")
    sent = ilze.page.locator(".row", has_text="Bukleta fotogrāfijas")
    expect(sent).to_have_count(0)
    ilze.see("outbox")

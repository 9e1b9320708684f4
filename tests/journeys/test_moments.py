"""A film and a sound on a phone and at a desk: a comment is pinned to the moment that plays, or to one that is typed, and the
studio is shown where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, hand_over
from tests.samples import moving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def recordings(sample: Sample) -> tuple[str, str]:
    """(delivery, path of its link): a film and a sound."""
    files = {"koncerts.mp4": moving.film(seconds=6.0), "dziesma.mp3": moving.sound("MP3", 6.0)}
    return hand_over(sample, "Koncerts, filma un skaņa", files)


@pytest.mark.parametrize(("scripts", "language"), [(True, "lv"), (False, "en")], ids=["scripts", "plain"])
def test_a_comment_is_pinned_to_a_moment(
    sample: Sample,
    signed_in: Any,
    people: Callable[..., Person],
    recordings: tuple[str, str],
    scripts: bool,
    language: str,
) -> None:
    delivery, path = recordings
    anna = people(sample.url, width=390 if scripts else 1280, language=language, scripts=scripts)
    anna.go(f"{path}?lang={language}")
    anna.find(".shot-film a").first.scroll_into_view_if_needed()
    anna.see("share-film-and-sound")
    anna.press_button(".shot-film .shot-pdf a")
    for kind in ("video", "audio"):
        _pin(anna, kind, "0:02" if scripts else "3")
        anna.see(f"view-{kind}")
        while kind == "video" and not anna.find("audio").count():
            anna.press_button("a[rel=next]")
    ilze = people(sample.url, width=1280 if scripts else 390, language=language, signed_in=signed_in, scripts=scripts)
    ilze.go(f"/deliveries/{delivery}?lang={language}")
    said = ilze.page.locator("#feedback .row", has_text="koncerts.mp4").first
    expect(said.locator(".moment-at")).to_have_text("0:02" if scripts else "0:03")
    ilze.see("delivery-with-moments")
    with ilze.page.expect_navigation():
        said.locator("a").click()
    expect(ilze.find("video[data-player]")).to_be_visible()
    ilze.faultless("where the comment points")


def _pin(anna: Person, kind: str, moment: str) -> None:
    """Pins a comment to the moment that plays, with one press, or types it; and plays from there again."""
    player = anna.find(f"{kind}[data-player]")
    if anna.scripts:
        player.evaluate("(p) => { p.muted = true; p.currentTime = 2.2; return p.play(); }")
        anna.page.wait_for_function("(p) => p.currentTime >= 2", arg=player.element_handle())
        player.evaluate("(p) => { p.pause(); p.currentTime = 2.4; }")
        expect(anna.find("[data-moment-now] span")).to_have_text(moment)
        anna.find("[data-moment-now]").tap()
        expect(anna.find("[name=moment]")).to_have_value(moment)
        expect(anna.find("[name=text]")).to_be_focused()
    else:
        anna.fill(moment=moment)
    anna.fill(text="Te, lūdzu, klusāk.")
    anna.press_button("form[data-moment-form] button:not([type=button])")
    at = anna.find(".comments .moment-at").last
    expect(at).to_have_text(moment if anna.scripts else "0:03")
    if anna.scripts:
        at.tap()
        anna.page.wait_for_function("(p) => p.currentTime >= 2", arg=anna.find("[data-player]").element_handle())
        anna.find("[data-player]").evaluate("(p) => p.pause()")
    else:
        assert str(at.get_attribute("href")).endswith("/clip#t=3")

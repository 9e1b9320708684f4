"""The e-mail's HTML beside its words in the settings, in a real browser: styled, light or dark, as typed, and without complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample

pytestmark = pytest.mark.browser
GROUND = "body > div"


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_mail_is_seen_as_mail_programs_show_it(
    sample: Sample, signed_in: Any, people: Callable[..., Person], width: int, scripts: bool
) -> None:
    ilze = people(sample.url, width=width, signed_in=signed_in, scripts=scripts)
    ilze.go("/settings/emails/ready?for=en")
    ilze.find("iframe").scroll_into_view_if_needed()
    mail = ilze.page.frame_locator("iframe")
    expect(mail.locator(GROUND)).to_have_css("background-color", "rgb(245, 245, 242)")
    ilze.fill(subject="Ready at last: {title}")
    if scripts:  # without leaving the form
        expect(ilze.find("#preview strong")).to_contain_text("Ready at last: Wedding in Cēsis")
    ilze.find("[name=look][value=dark]").click()
    expect(mail.get_by_text("Ready at last: Wedding in Cēsis")).to_have_css("color", "rgb(242, 242, 238)")
    expect(mail.locator(GROUND)).to_have_css("background-color", "rgb(22, 22, 20)")
    ilze.keep_picture("settings-email-html")
    ilze.find("[name=look][value=light]").click()
    expect(mail.locator(GROUND)).to_have_css("background-color", "rgb(245, 245, 242)")
    assert ilze.page.url.endswith("/settings/emails/ready?for=en"), "the form went to the frame alone"
    ilze.faultless("an e-mail in a frame")

"""The first-use test for the client, counted: three clicks at most from the link to the downloads, also where terms stand
before them; and what can be copied is copied exactly."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, ask, assets_of, hand_over
from tests.originals import canary_jpeg

pytestmark = pytest.mark.browser
MOST_CLICKS = 3
IBAN = "LV80BANK0000435195001"


class Taps:
    """Counts what a person presses."""

    def __init__(self, person: Person) -> None:
        self.person, self.count = person, 0

    def on(self, selector: str) -> None:
        self.count += 1
        target = self.person.find(selector).first
        target.tap() if self.person.width < 600 else target.click()


@pytest.mark.parametrize(("scripts", "width", "terms"), [(True, 390, True), (False, 390, False), (True, 1280, False)])
def test_at_most_three_clicks_from_the_link_to_the_downloads(
    sample: Sample, people: Callable[..., Person], scripts: bool, width: int, terms: bool
) -> None:
    """On a phone by touch: the ZIP, and one by one; the originals' bytes, every one."""
    files = {f"{seed}.jpg": canary_jpeg(f"{seed}.jpg", seed, 600, 400).content for seed in (4, 5)}
    delivery, path = hand_over(sample, "Divas fotogrāfijas", files, terms=terms)
    today = assets_of(sample, delivery)[0]["created_at"][:10]
    paid = {"amount": "300.00", "currency": "EUR", "received_on": today, "source_ref": f"line {delivery}"}
    ask(sample.server, sample.token, f"/deliveries/{delivery}/payments", paid)
    anna = people(sample.url, width=width, scripts=scripts)
    anna.go(f"{path}?lang=en")
    taps = Taps(anna)
    if terms:
        expect(anna.find("#downloads")).to_have_count(0)
        anna.see("share-released-terms")
        anna.fill(name="Anna")
        taps.on("[name=agreed]")
        with anna.page.expect_navigation():
            taps.on("#terms form button")
    with anna.page.expect_download() as waiting:
        taps.on("#downloads > form button")
    assert taps.count <= MOST_CLICKS
    with zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
    for name, content in files.items():
        with anna.page.expect_download() as waiting:
            anna.page.locator("#downloads .row", has_text=name).locator("button").click()
        assert waiting.value.suggested_filename == name
        assert Path(waiting.value.path()).read_bytes() == content


def test_what_to_pay_is_copied_exactly(sample: Sample, people: Callable[..., Person]) -> None:
    """Each of the holder, the IBAN, the reference and the amount has a button that copies it as banks want it typed."""
    anna = people(sample.url, width=390, language="lv")
    anna.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place = sample.place("held", locale="en")
    anna.go(f"{place.share}?lang=lv")
    reference = ask(sample.server, sample.token, f"/deliveries/{place.id}")["reference"]
    copied = []
    for button in anna.find("#pay .button-copy").all():
        before = button.inner_text()
        button.tap()
        expect(button).not_to_have_text(before)
        copied.append(anna.page.evaluate("navigator.clipboard.readText()"))
    assert copied[:4] == ["SIA Studija Kāpa", IBAN, reference, "450.00"]
    anna.see("share-copied")


def test_without_a_script_what_to_pay_is_text_and_no_button(sample: Sample, people: Callable[..., Person]) -> None:
    anna = people(sample.url, width=390, scripts=False)
    anna.go(f"{sample.place('held', locale='en').share}?lang=en")
    expect(anna.find("#pay .button-copy")).to_have_count(0)
    exact = [cell.get_attribute("data-copy") for cell in anna.find("#pay [data-copy]").all()]
    assert exact[:2] == ["SIA Studija Kāpa", IBAN]
    for cell in anna.find("#pay dd[data-copy]").all():
        expect(cell).to_have_css("user-select", "auto")

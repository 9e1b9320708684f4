"""The main job: send finished work, be paid, and only then hand the originals over.

Nothing is made ready behind the scenes: the journey begins at the first link that the server prints.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import client as at_the_client
from tests.journeys import studio as at_the_studio
from tests.journeys.person import Person
from tests.journeys.server import Server
from tests.journeys.studio import Job
from tests.originals import canary_jpeg, canary_pdf, canary_zip

pytestmark = pytest.mark.browser

People = Callable[..., Person]
JOB = Job()


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two photographs, a PDF of two pages and a ZIP, as files on the studio's disk."""
    folder = tmp_path_factory.mktemp("originals")
    made = [canary_jpeg("kāzas 001.jpg", 7), canary_jpeg("kāzas 002.jpg", 11, 1700, 2400), canary_pdf(), canary_zip()]
    for original in made:
        (folder / original.filename).write_bytes(original.content)
    return [folder / original.filename for original in made]


@pytest.mark.parametrize("language", ["en", "lv"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_main_job(server: Server, people: People, originals: list[Path], width: int, language: str) -> None:
    ilze = people(server.url, width=width, language=language)
    anna = people(server.url, width=390 if width == 1280 else 1280, language=language)
    _the_main_job(server, ilze, anna, originals)


def test_the_main_job_without_scripts(server: Server, people: People, originals: list[Path]) -> None:
    ilze, anna = (people(server.url, width=width, scripts=False) for width in (1280, 390))
    _the_main_job(server, ilze, anna, originals)


def _the_main_job(server: Server, ilze: Person, anna: Person, originals: list[Path]) -> None:
    at_the_studio.sign_in_first(ilze, server)
    at_the_studio.set_up(ilze)
    at_the_studio.create_delivery(ilze, JOB)
    at_the_studio.add_originals(ilze, originals)
    address = at_the_studio.make_link(ilze, "Anna")

    at_the_client.open_link(anna, address)
    _says_what_matters(anna)
    anna.see("share-held")
    anna.keep_picture("share-held", dark=True)
    at_the_client.look_at_previews(anna)
    (at_the_client.page_through_viewer if anna.scripts else at_the_client.page_through_plain)(anna)
    at_the_client.try_to_take(anna)

    ilze.page.reload()
    at_the_studio.record_payment(ilze, JOB)

    anna.page.reload()
    anna.see("share-released")
    anna.keep_picture("share-released", dark=True)
    at_the_client.download_one(anna, originals[0])
    at_the_client.download_all(anna, originals)
    ilze.page.reload()
    ilze.see("delivery-fetched")


def _says_what_matters(anna: Person) -> None:
    """What, from whom, how much, how to pay: on the first screen, before anything is scrolled."""
    amount = "450,00" if anna.language == "lv" else "450.00"
    for words in (JOB.title, at_the_studio.STUDIO, amount, "LV80 BANK 0000 4351 9500 1", "RF"):
        expect(anna.page.get_by_text(words).first).to_be_in_viewport()

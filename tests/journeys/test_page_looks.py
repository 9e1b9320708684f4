"""The main pages in their main states look as they did when somebody last looked at them, on a phone and on a desk.

The pages are those of a sample studio of its own, so that nothing another test does is seen; how they are compared says
``pieces.py``. After a change that is meant: TILLPAID_LOOKS=write, look at the pictures, and send page_looks.json along.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from tests.journeys.person import PATIENCE, Person
from tests.journeys.pieces import Piece, differences, look_of
from tests.journeys.sample_studio import Sample, ask, look_around, share_path
from tests.journeys.server import Server
from tests.settings_pages import SETTINGS

pytestmark = pytest.mark.browser
KEPT = Path(__file__).with_name("page_looks.json")
WIDTHS = (390, 1280)
ACCEPT = 'TILLPAID_LOOKS=write make test ARGS="-k page_looks" keeps the new look, if it is meant'
STATES = ("draft", "held", "part_paid", "released")
STUDIO = {
    "deliveries": "/deliveries",
    "new": "/deliveries/new",
    "clients": "/clients",
    "outbox": "/outbox",
    **{f"settings-{part.replace('/', '-')}": f"/settings/{part}" for part in SETTINGS},
}
OF_THE_CLIENT = ("held", "part_paid", "released", "terms", "passphrase")
NAMES = [*STUDIO, *(f"delivery-{state}" for state in STATES), *(f"share-{state}" for state in OF_THE_CLIENT), "sign-in"]
IN_LATVIAN_AND_DARK = ("delivery-held", "share-held", "share-released")
"""The chief pages, looked at a second time: longer words, other colours."""
KEYS = [f"{name}-{width}" for name in NAMES for width in WIDTHS]
KEYS += [f"{name}-{width}-lv-dark" for name in IN_LATVIAN_AND_DARK for width in WIDTHS]
Looks = dict[str, list[Piece]]


class Fresh:
    """A sample studio in which nobody was yet, and the looks of its pages, taken before anything changes them."""

    def __init__(self, sample: Sample, browser: Browser) -> None:
        self.sample, self.browser = sample, browser
        self.paths = {"share-" + state: self._place(state).share for state in ("held", "part_paid", "released")}
        self.of_studio = STUDIO | {f"delivery-{state}": f"/deliveries/{self._place(state).id}" for state in STATES}
        self.looks: Looks = {}

    def take_all(self) -> None:
        """First the studio's pages: a visit of a client is told on them."""
        ilze = Person(self.browser, self.sample.url)
        ilze.go(self.sample.sign_in_link())
        ilze.press_button("main form .button")
        signed_in = ilze.context.storage_state()
        ilze.leave()
        for width in WIDTHS:
            self._take(self.of_studio, width=width, signed_in=signed_in)
            self._take(self.of_studio, width=width, signed_in=signed_in, language="lv")
        self.paths |= self._gates() | {"sign-in": "/sign-in"}
        for width in WIDTHS:
            self._take(self.paths, width=width)
            self._take(self.paths, width=width, language="lv")

    def open(self, person: Person, path: str) -> None:
        person.go(f"{path}?lang={person.language}", status=403 if path == self.paths.get("share-passphrase") else 200)

    def _take(self, paths: dict[str, str], **traits: Any) -> None:
        """Of all these pages; in Latvian of the chief ones, in the dark."""
        person = Person(self.browser, self.sample.url, **traits)
        second = person.language == "lv"
        person.page.emulate_media(color_scheme="dark" if second else "light")
        for name, path in paths.items():
            if not second or name in IN_LATVIAN_AND_DARK:
                self.open(person, path)
                self.looks[f"{name}-{person.width}{'-lv-dark' * second}"] = look_of(person.page)
        person.leave()

    def _place(self, state: str) -> Any:
        if state == "part_paid":
            return self.sample.places["Kalendārs 2027"]
        if state == "held":
            return self.sample.places["Coast in spring, photographs"]
        return self.sample.place(state)

    def _gates(self) -> dict[str, str]:
        client = {"name": "Ēriks Šmits", "email": "eriks@client.example"}
        new = {"title": "Portraits", "client": client, "amount": "120.00", "currency": "EUR", "terms": True}
        made = ask(self.sample.server, self.sample.token, "/deliveries", new)
        links = f"/deliveries/{made['id']}/links"
        asked = {"terms": {"name": "Ēriks"}, "passphrase": {"name": "Ēriks", "passphrase": "jūras vējš"}}
        server, token = self.sample.server, self.sample.token
        return {f"share-{name}": share_path(ask(server, token, links, link)) for name, link in asked.items()}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Fresh]:
    running = Server(tmp_path_factory.mktemp("looks") / "data")
    running.command("demo")
    made = Fresh(look_around(running.start()), browser)
    _wait_for_previews(made.sample)
    made.take_all()
    if os.environ.get("TILLPAID_LOOKS") == "write":
        lines = [f"{json.dumps(name)}: {json.dumps(look)}" for name, look in sorted(made.looks.items())]
        KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    yield made
    running.stop()


@pytest.fixture(scope="module")
def kept(fresh: Fresh) -> Looks:
    """What somebody last looked at; ``fresh`` comes first, since it may write it."""
    read: Looks = json.loads(KEPT.read_text())
    return read


def _wait_for_previews(sample: Sample) -> None:
    until = time.monotonic() + PATIENCE / 1000
    waiting = {place.id for place in sample.places.values()}
    while waiting and time.monotonic() < until:
        for delivery in list(waiting):
            assets = ask(sample.server, sample.token, f"/deliveries/{delivery}/assets")["items"]
            if all(asset["state"] not in {"queued", "rendering"} for asset in assets):
                waiting.discard(delivery)
        time.sleep(0.1)
    assert not waiting, "previews are not made"


@pytest.mark.parametrize("key", KEYS)
def test_every_page_looks_as_it_did(fresh: Fresh, kept: Looks, key: str) -> None:
    width = next(width for width in WIDTHS if f"-{width}" in key)
    assert len(fresh.looks[key]) >= 4
    found = differences(fresh.looks[key], kept[key], width)
    assert found == [], ACCEPT


def test_no_look_is_kept_of_a_page_that_is_no_more(kept: Looks) -> None:
    assert set(kept) == set(KEYS)


BREAKS = {
    "a panel is hidden": "document.querySelector('main .panel, main section').hidden = true",
    "a panel is unseen": "document.querySelector('main .panel, main section').style.opacity = '0'",
    "buttons have another colour": "for (const e of document.querySelectorAll('.button')) e.style.background = '#c33'",
    "it is half as wide": "document.querySelector('main').style.width = '50%'",
    "the page is dark": "document.body.style.background = '#222'",
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_is_seen(fresh: Fresh, kept: Looks, broken: str) -> None:
    anna = Person(fresh.browser, fresh.sample.url, width=390)
    fresh.open(anna, fresh.paths["share-held"])
    anna.page.evaluate(BREAKS[broken])
    found = differences(look_of(anna.page), kept["share-held-390"], 390)
    anna.leave()
    assert found


@pytest.mark.parametrize(
    ("name", "file"), [("share-held", "app.css"), ("share-held", "share.css"), ("sign-in", "app.css")]
)
def test_a_stylesheet_that_does_not_come_is_seen(fresh: Fresh, kept: Looks, name: str, file: str) -> None:
    anna = Person(fresh.browser, fresh.sample.url, width=390)
    kept_away: list[str] = []

    def keep_away(route: Route) -> None:
        kept_away.append(route.request.url)
        route.abort()

    anna.page.route(f"**/{file}*", keep_away)
    fresh.open(anna, fresh.paths[name])
    found = differences(look_of(anna.page), kept[f"{name}-390"], 390)
    anna.leave()
    assert kept_away and found


OTHER_LETTERS = """() => {
  for (const e of document.querySelectorAll("*")) e.style.fontFamily = "DejaVu Sans, Verdana, serif";
  document.body.style.letterSpacing = "0.02em";
  document.body.style.textRendering = "geometricPrecision";
}"""


@pytest.mark.parametrize(("name", "width"), [("share-held", 390), ("share-released", 1280), ("sign-in", 390)])
def test_other_letters_are_no_difference(fresh: Fresh, kept: Looks, name: str, width: int) -> None:
    anna = Person(fresh.browser, fresh.sample.url, width=width)
    fresh.open(anna, fresh.paths[name])
    anna.page.evaluate(OTHER_LETTERS)
    found = differences(look_of(anna.page), kept[f"{name}-{width}"], width)
    anna.leave()
    assert found == []

"""Every page in every state, of the sample studio: in English and Latvian, wide and narrow, light and dark; and those that
are seen most in Russian, whose words are the longest, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.person import Person
from tests.journeys.sample_studio import Sample, ask, share_path
from tests.settings_pages import SETTINGS

pytestmark = pytest.mark.browser

People = Callable[..., Person]
BOTH = pytest.mark.parametrize("language", ["en", "lv"])
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture(scope="session")
def gates(sample: Sample) -> dict[str, str]:
    """Share links that first ask for something, and what they ask for: name to path."""
    client = {"name": "Ēriks Šmits", "email": "eriks@client.example"}
    new = {"title": "Portraits", "client": client, "amount": "120.00", "currency": "EUR", "terms": True}
    made = ask(sample.server, sample.token, "/deliveries", new)
    links = f"/deliveries/{made['id']}/links"
    asked = {"terms": {"name": "Ēriks"}, "passphrase": {"name": "Ēriks", "passphrase": "jūras vējš"}}
    return {name: share_path(ask(sample.server, sample.token, links, link)) for name, link in asked.items()}


@BOTH
@WIDTHS
def test_the_studios_pages(sample: Sample, signed_in: Any, people: People, width: int, language: str) -> None:
    ilze = people(sample.url, width=width, language=language, signed_in=signed_in)
    ilze.go(f"/deliveries?lang={language}")
    ilze.see("deliveries")
    for place in sample.places.values():
        ilze.go(f"/deliveries/{place.id}")
        ilze.page.wait_for_load_state("networkidle")
        ilze.see(f"delivery-{place.title.split()[0]}-{place.state}")
    ilze.go(f"/deliveries/{sample.places['Kalendārs 2027'].id}/instalments")
    ilze.see("instalments")
    for part in SETTINGS:
        ilze.go(f"/settings/{part}")
        ilze.see(f"settings-{part.replace('/', '-')}")
    for path in (
        "/deliveries/new",
        "/deliveries/deleted",
        "/clients",
        "/outbox",
        "/clients/one?who=anna@client.example",
        "/sign-in/again?next=/deliveries",
    ):
        ilze.go(path)
        ilze.see(path.strip("/").split("?")[0].replace("/", "-"))
    ilze.press_button("main form .button:not(.button-quiet)")
    ilze.see("sign-in-sent")


@BOTH
@WIDTHS
def test_the_clients_pages(sample: Sample, gates: dict[str, str], people: People, width: int, language: str) -> None:
    anna = people(sample.url, width=width, language=language)
    for place in sample.places.values():
        if not place.share:
            continue
        anna.go(f"{place.share}?lang={language}")
        anna.page.wait_for_load_state("networkidle")
        name = f"share-{place.title.split()[0]}-{place.state}"
        anna.see(name)
        anna.keep_picture(name, dark=True)
    anna.go(f"{sample.place('held').share}")
    anna.go(str(anna.find(".shot > a").first.get_attribute("href")))
    anna.see("view")
    anna.go(gates["terms"])
    anna.see("share-terms")
    anna.go(gates["passphrase"], status=403)
    anna.see("share-passphrase")


def test_russian_fits_on_a_phone(sample: Sample, signed_in: Any, people: People) -> None:
    ilze = people(sample.url, width=390, language="ru", signed_in=signed_in)
    held = sample.place("held")
    parts = ("/deliveries", "/deliveries/new", "/deliveries/deleted", "/clients", "/outbox", "/trace")
    for path in (f"/deliveries/{held.id}?lang=ru", f"/deliveries/{held.id}/reminder", *parts):
        ilze.go(path)
        ilze.page.wait_for_load_state("networkidle")
        ilze.see(path.split("?")[0].strip("/").replace("/", "-").replace(held.id, "held"))
    for part in SETTINGS:
        ilze.go(f"/settings/{part}")
        ilze.see(f"settings-{part.replace('/', '-')}")
    anna = people(sample.url, width=390, language="ru")
    for state in ("held", "released"):
        anna.go(f"{sample.place(state).share}?lang=ru")
        anna.page.wait_for_load_state("networkidle")
        anna.see(f"share-{state}")


@BOTH
@WIDTHS
def test_what_went_wrong(sample: Sample, signed_in: Any, people: People, width: int, language: str) -> None:
    """Refusals are pages too: a form that was not accepted keeps what was typed, a dead link says whom to ask."""
    ilze = people(sample.url, width=width, language=language, signed_in=signed_in)
    ilze.go(f"/deliveries/new?lang={language}")
    ilze.fill(title="Portreti", amount="many")
    ilze.press_button("main form .button:not(.button-quiet)")
    ilze.forgive(422)
    ilze.see("new-delivery-refused")
    assert ilze.find("[name=title]").input_value() == "Portreti"
    assert ilze.find(".field-wrong").count() >= 1
    anna = people(sample.url, width=width, language=language)
    for path, status in (("/s/nothing", 404), ("/nothing", 404), ("/d/nothing", 403), ("/sign-in/nothing", 410)):
        anna.go(path, status=status)
        anna.see(f"refused{path.replace('/', '-')}")
    anna.go("/sign-in")
    anna.see("sign-in")

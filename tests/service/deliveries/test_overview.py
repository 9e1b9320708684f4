"""Finding deliveries: by words in any script and case, by state, by lateness; page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from service.wiring import Wiring
from tests.actors import StudioActor, new_studio
from tests.conftest import MovableClock


@pytest.fixture
def busy(wiring: Wiring, studio: StudioActor) -> StudioActor:
    """A studio with one delivery in each state, one of them late."""
    today = wiring.clock().date()
    studio.delivery("Ēnas un gaisma")
    for title, due in (("Jūras krasts", 10), ("Vecā pils", -1)):
        held = studio.delivery(
            title, due_on=(today + timedelta(days=due)).isoformat() if due > 0 else today.isoformat()
        )
        studio.link(held["id"])
    released = studio.delivery("100 % vilna_")
    studio.pay(released["id"])
    return studio


def titles(studio: StudioActor, query: str) -> list[str]:
    page = studio.page("GET", f"/deliveries{query}").text
    known = ("Ēnas un gaisma", "Jūras krasts", "Vecā pils", "100 % vilna_")
    return [title for title in known if f">{title}</a>" in page]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ĒNAS", ["Ēnas un gaisma"]),
        ("?q=jūras+KRASTS", ["Jūras krasts"]),
        ("?q=bērziņa", ["Ēnas un gaisma", "Jūras krasts", "Vecā pils", "100 % vilna_"]),
        ("?q=ANNA%40example.com&show=released", ["100 % vilna_"]),
        ("?q=%25", ["100 % vilna_"]),
        ("?q=vilna_", ["100 % vilna_"]),
        ("?q=viln__", []),
        ("?q=%00%0a", ["Ēnas un gaisma", "Jūras krasts", "Vecā pils", "100 % vilna_"]),
        ("?show=draft", ["Ēnas un gaisma"]),
        ("?show=held", ["Jūras krasts", "Vecā pils"]),
        ("?show=nonsense", ["Ēnas un gaisma", "Jūras krasts", "Vecā pils", "100 % vilna_"]),
        ("?show=withdrawn", []),
    ],
)
def test_what_is_asked_for_is_found(busy: StudioActor, query: str, found: list[str]) -> None:
    assert titles(busy, query) == found


def test_late_is_held_and_past_its_day(busy: StudioActor, clock: MovableClock) -> None:
    assert titles(busy, "?show=overdue") == []
    clock.move(days=1)
    assert titles(busy, "?show=overdue") == ["Vecā pils"]
    assert "was due" in busy.page("GET", "/deliveries").text


def test_a_reference_is_found_as_people_read_it_out(busy: StudioActor) -> None:
    reference = busy.delivery("Ēnas un gaisma")["reference"]
    spaced = "+".join(reference[i : i + 4] for i in range(0, len(reference), 4))
    assert titles(busy, f"?q={spaced.lower()}") == ["Ēnas un gaisma"]


def test_nothing_found_leads_back(busy: StudioActor) -> None:
    page = busy.page("GET", "/deliveries?q=%3Cscript%3E").text
    assert "Nothing found" in page
    assert "<script>" not in page.split("<main")[1].split("</main>")[0]


def test_the_next_page_keeps_what_was_asked(busy: StudioActor) -> None:
    for number in range(51):
        busy.delivery(f"Sērija {number}")
    page = busy.page("GET", "/deliveries?q=sērija&show=draft").text
    assert "/deliveries?q=s%C4%93rija&amp;show=draft&amp;after=dlv_" in page
    assert "/deliveries?q=s%C4%93rija&amp;show=held" in page


def test_nobody_finds_another_studios_deliveries(busy: StudioActor, wiring: Wiring, client: TestClient) -> None:
    other = new_studio(wiring, client, "Cita studija")
    other.delivery("Cits darbs")
    assert titles(other, "?q=bērziņa") == []

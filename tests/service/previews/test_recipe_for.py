"""What a delivery's previews are marked by."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from service.accounts.models import Studio
from service.deliveries.models import Delivery
from service.previews.recipe_for import recipe_for, second_line
from watermark.recipe import MAX_LINE2

DAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Kāzas Cēsīs", "Kāzas Cēsīs · 2026-11-25"),
        ("", "2026-11-25"),
        ("two\nlines\x00", "two lines · 2026-11-25"),
        ("W" * 500, "W" * (MAX_LINE2 - 13) + " · 2026-11-25"),
    ],
)
def test_the_second_line_always_says_the_day(title: str, line: str) -> None:
    assert second_line(title, DAY) == line


def test_it_is_woven_in_only_when_it_is_wanted() -> None:
    studio = Studio(name="Foto Ozols", mark_text="", mark_strength="light", mark_delivery=False)
    delivery = Delivery(title="Kāzas", created_at=datetime(2026, 11, 25, 23, 59, tzinfo=UTC))
    assert (recipe_for(studio, delivery).text, recipe_for(studio, delivery).line2) == ("Foto Ozols", "")
    studio.mark_delivery = True
    assert recipe_for(studio, delivery).line2 == "Kāzas · 2026-11-25"

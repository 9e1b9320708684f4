"""The recipe that a delivery's previews are marked by: the studio's mark, perhaps with the delivery's title and date."""

from __future__ import annotations

from datetime import date
from typing import cast

from service.accounts.models import Studio
from service.deliveries.models import Delivery
from watermark import Recipe, Strength
from watermark.recipe import MAX_LINE2, MAX_TEXT


def recipe_for(studio: Studio, delivery: Delivery) -> Recipe:
    """Always drawable: control characters become spaces, long lines are cut, and a mark never says nothing."""
    text = _line(studio.mark_text, MAX_TEXT) or _line(studio.name, MAX_TEXT) or "Preview"
    line2 = second_line(delivery.title, delivery.created_at.date()) if studio.mark_delivery else ""
    return Recipe(text=text, strength=cast(Strength, studio.mark_strength), line2=line2, logo=studio.mark_logo)


def second_line(title: str, day: date) -> str:
    """The title and the day (UTC) that the delivery was made, in figures, which every language reads. The day is always
    whole."""
    end = f" · {day.isoformat()}"
    return (_line(title, MAX_LINE2 - len(end)) + end).removeprefix(" · ")


def _line(text: str, at_most: int) -> str:
    shown = "".join(" " if ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    return " ".join(shown.split())[:at_most]

"""The recipe of a studio's mark on a delivery: pure, so that its digest can be compared at any time."""

from __future__ import annotations

from typing import cast

from service.accounts.models import Studio
from service.deliveries.models import Delivery
from watermark.recipe import MAX_LINE2, Recipe, Strength


def recipe_for(studio: Studio, delivery: Delivery) -> Recipe:
    """What the mark says on this delivery's previews: the studio's text, or its name when none is set."""
    return Recipe(
        text=_one_line(studio.mark_text) or _one_line(studio.name) or "Tillpaid",
        strength=cast(Strength, studio.mark_strength),
        line2=_one_line(delivery.title)[:MAX_LINE2] if studio.mark_delivery else "",
        logo=studio.mark_logo,
    )


def _one_line(text: str) -> str:
    """Without the control characters that a mark refuses."""
    return " ".join("".join(" " if ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF else c for c in text).split())

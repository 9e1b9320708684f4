"""The studio's visible mark: what it says, how strongly, and the logo in it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import cast

from service.accounts.models import Studio
from service.accounts.plain_text import plain_text
from service.accounts.remark import remark
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.translate import N_
from service.wiring import Wiring
from watermark.errors import RecipeError
from watermark.recipe import MAX_LOGO_BYTES, PNG_SIGNATURE, Recipe, Strength

STRENGTHS = ("light", "standard", "strong")
MOST_TEXT = 120
MOST_PIXELS = 4096


@dataclass(frozen=True)
class Mark:
    """As chosen. ``text`` empty is the studio's name; ``delivery`` adds the delivery's title as a second line;
    ``logo`` is new PNG bytes, or None to keep the present one unless ``drop_logo``."""

    text: str
    strength: str
    delivery: bool = False
    logo: bytes | None = None
    drop_logo: bool = False


def change_mark(tx: Tx, wiring: Wiring, who: Who, chosen: Mark) -> bool:
    """Checks and keeps the mark; when it differs, the studio's previews are marked anew. Returns whether it did.
    Raises BadInput with the field."""
    studio = who.studio
    recipe = preview_recipe(studio, chosen)
    text = plain_text(chosen.text, "text", at_most=MOST_TEXT, required=False)
    new = {
        "mark_text": text,
        "mark_strength": recipe.strength,
        "mark_delivery": chosen.delivery,
        "mark_logo": recipe.logo,
    }
    changed = [field for field, value in new.items() if getattr(studio, field) != value]
    if not changed:
        return False
    for field in changed:
        setattr(studio, field, new[field])
    record(tx, wiring, studio.id, "mark.changed", actor=who.actor, data={"fields": changed})
    remark(tx, wiring, studio.id)
    return True


def preview_recipe(studio: Studio, chosen: Mark, line2: str = "") -> Recipe:
    """The recipe that this choice would give, with ``line2`` standing in for a delivery's title if that is woven
    in. Raises BadInput with the field: text, strength or logo."""
    if chosen.strength not in STRENGTHS:
        raise BadInput(N_("Please choose how strong the mark is."), field="strength")
    logo = None if chosen.drop_logo else studio.mark_logo
    if chosen.logo:
        check_logo(chosen.logo)
        logo = chosen.logo
    text = plain_text(chosen.text, "text", at_most=MOST_TEXT, required=False) or studio.name
    second = line2 if chosen.delivery else ""
    recipe = Recipe(text=text, strength=cast(Strength, chosen.strength), line2=second, logo=logo)
    try:
        recipe.validate()
    except RecipeError as error:
        raise BadInput(N_("The mark cannot be drawn with this text. Please try another."), field="text") from error
    return recipe


def check_logo(data: bytes) -> None:
    """Raises BadInput unless the bytes begin like a PNG of a sensible size. Only the header is read here: decoding
    happens in the sandbox."""
    if len(data) > MAX_LOGO_BYTES:
        raise BadInput(N_("The logo is larger than 512 KiB."), field="logo", code="logo_too_large")
    if not data.startswith(PNG_SIGNATURE) or data[12:16] != b"IHDR" or len(data) < 33:
        raise BadInput(N_("The logo must be a PNG picture."), field="logo", code="logo_not_png")
    width, height = struct.unpack(">II", data[16:24])
    if not (1 <= width <= MOST_PIXELS and 1 <= height <= MOST_PIXELS):
        raise BadInput(N_("The logo must be at most %(most)s pixels wide and high."), field="logo", most=MOST_PIXELS)

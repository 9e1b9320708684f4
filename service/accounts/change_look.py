"""How a studio looks to its clients: its colour, and its logo at the head of the page."""

from __future__ import annotations

import hashlib

from service.accounts.change_mark import check_logo
from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.colours import is_colour
from service.kit.plain_png import plain_png
from service.kit.translate import N_
from service.wiring import Wiring


def change_look(
    tx: Tx,
    wiring: Wiring,
    who: Who,
    *,
    colour: str,
    logo: bytes | None = None,
    drop_logo: bool = False,
    hide_names: bool = False,
) -> bool:
    """Keeps ``colour`` (``#rrggbb``, empty: ours) and a new PNG as ``logo``, without whatever hides in it beside its
    pixels; ``drop_logo`` removes the present one. ``hide_names``: clients see no name before its release. Returns whether anything changed. Raises BadInput with the field."""
    studio = who.studio
    colour = colour.strip().lower()
    if colour and not is_colour(colour):
        raise BadInput(N_("Write the colour as # and six digits or letters a to f, such as #1d5c57."), field="colour")
    changed = []
    if studio.colour != colour:
        studio.colour = colour
        changed.append("colour")
    if studio.hide_names != hide_names:
        studio.hide_names = hide_names
        changed.append("hide_names")
    if logo or (drop_logo and studio.logo_sha256):
        studio.logo = _plain(logo) if logo else None
        studio.logo_sha256 = hashlib.sha256(studio.logo).hexdigest() if studio.logo else ""
        changed.append("logo")
    if changed:
        record(tx, wiring, studio.id, "look.changed", actor=who.actor, data={"fields": changed})
    return bool(changed)


def _plain(logo: bytes) -> bytes:
    check_logo(logo)
    try:
        return plain_png(logo)
    except ValueError as error:
        raise BadInput(
            N_("This PNG cannot be drawn. Please save it anew and try again."), field="logo", code="bad_logo"
        ) from error

"""Where on a picture a comment is meant. Pure."""

from __future__ import annotations

from service.kit.translate import N_

AREAS = {
    "11": N_("Upper left"),
    "21": N_("Upper middle"),
    "31": N_("Upper right"),
    "12": N_("Left"),
    "22": N_("Middle"),
    "32": N_("Right"),
    "13": N_("Lower left"),
    "23": N_("Lower middle"),
    "33": N_("Lower right"),
}
"""Nine parts of a picture, for whoever has no script or no pointer: column and row, from 1."""
_CENTRES = {"1": 167, "2": 500, "3": 833}


def spot_from(x: str, y: str, area: str) -> tuple[int, int] | None:
    """Thousandths of width and height: as pinned, else the middle of ``area``; None when neither says a spot."""
    if all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (x, y)):
        return int(x), int(y)
    return (_CENTRES[area[0]], _CENTRES[area[1]]) if area in AREAS else None

"""The states of a delivery and what may follow what. Pure: no clock, no rows.

    draft ──send──> held ──release──> released
      │              │ ^                 │
      │              │ └────relock───────┘
      └──withdraw──> withdrawn <──withdraw (from held)

A draft may be released without ever being sent. Sending again (a further link) changes nothing. A released delivery
is taken back (relocked) before it can be withdrawn, so that its downloads end in a step of their own. A settled
instalment may open some of the originals of a held delivery: its state stays *held*, for the rest is. From draft, held and
withdrawn it can be deleted, and for a while be brought back to where it was.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from service.errors import Conflict
from service.kit.translate import N_

State = Literal["draft", "held", "released", "withdrawn"]
Action = Literal["send", "release", "relock", "withdraw"]

_NEXT: dict[tuple[str, str], State] = {
    ("draft", "send"): "held",
    ("held", "send"): "held",
    ("released", "send"): "released",
    ("draft", "release"): "released",
    ("held", "release"): "released",
    ("released", "relock"): "held",
    ("draft", "withdraw"): "withdrawn",
    ("held", "withdraw"): "withdrawn",
}
_REFUSED: dict[tuple[str, str], tuple[str, str]] = {
    ("released", "release"): ("already_released", N_("The originals of this delivery are released already.")),
    ("released", "withdraw"): (
        "released",
        N_("The originals are released. Take the release back first, then withdraw the delivery."),
    ),
    ("draft", "relock"): (
        "not_released",
        N_("The originals of this delivery are not released, so there is nothing to take back."),
    ),
    ("held", "relock"): (
        "not_released",
        N_("The originals of this delivery are not released, so there is nothing to take back."),
    ),
}
DELETED = "deleted"
_WITHDRAWN = N_("This delivery was withdrawn, so it can no longer be changed.")


def after(state: str, action: Action) -> State:
    """The state that ``action`` leads to; raises Conflict with plain words for what cannot be."""
    follows = _NEXT.get((state, action))
    if follows is not None:
        return follows
    code, words = _REFUSED.get((state, action), ("withdrawn", _WITHDRAWN))
    raise Conflict(words, code=code)


def check_open(state: str) -> None:
    """Raises Conflict when nothing may be added to or changed in a delivery in this state."""
    if state not in {"draft", "held", "released"}:
        raise Conflict(_WITHDRAWN, code="withdrawn")


def check_agreed(agreed: bool) -> None:
    """Raises Conflict for a delivery that was only begun: nobody knows yet what is owed, or by whom."""
    if not agreed:
        raise Conflict(N_("Fill in what it is, for whom and how much first."), code="not_agreed")


def check_removable(state: str) -> None:
    """Raises Conflict when an asset may not be taken out: what was handed over stays on record."""
    check_open(state)
    if state == "released":
        raise Conflict(
            N_("The originals are released, so nothing can be removed now. Take the release back first."),
            code="released",
        )


def check_nothing_open(instalments: Collection[str]) -> None:
    """Raises Conflict when some of these instalments have opened a part of the delivery."""
    if instalments:
        raise Conflict(
            N_("A part of the originals is released. Take the release back first."),
            code="released",
        )


def check_deletable(state: str) -> None:
    """Raises Conflict when a delivery may not be deleted: what was handed over stays on record."""
    if state not in {"draft", "held", "withdrawn"}:
        raise Conflict(
            N_("The originals are released, so the delivery cannot be deleted now. Take the release back first."),
            code="released",
        )


def who_acts(
    state: str, *, has_assets: bool, agreed: bool = True
) -> Literal["studio_agrees", "studio_adds", "studio_sends", "client_pays", "client_downloads", "nobody"]:
    """Whose turn it is, as a code that pages put into words."""
    match state:
        case "draft" if not agreed:
            return "studio_agrees" if has_assets else "studio_adds"
        case "draft":
            return "studio_sends" if has_assets else "studio_adds"
        case "held":
            return "client_pays" if has_assets else "studio_adds"
        case "released":
            return "client_downloads"
    return "nobody"

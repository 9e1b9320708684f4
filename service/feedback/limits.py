"""How much may be said through a link, and by whom."""

from __future__ import annotations

from datetime import timedelta

from service.db import Tx
from service.errors import BadInput, Conflict
from service.kit.translate import N_
from service.shares.open_link import OpenedLink
from service.throttle.throttle import throttle
from service.wiring import Wiring

MAX_TEXT = 2000
_HOUR = timedelta(hours=1)
_BY_LINK = {"answer": 400, "comment": 120, "favourite": 1200}
"""In an hour. A careful client with 300 pictures gets through."""


def may_speak(tx: Tx, wiring: Wiring, opened: OpenedLink, what: str) -> None:
    """Raises Conflict for the studio's own visit, which speaks for nobody, and TooManyRequests past the limit."""
    if opened.own:
        raise Conflict(N_("You see this page as your client does. Only your client can answer here."), code="own_visit")
    throttle(tx, wiring, f"feedback.{what}", opened.link.id, limit=_BY_LINK[what], window=_HOUR)


def tidy(text: str, field: str, *, needed: bool) -> str:
    """The text without spaces around it; raises BadInput when it is missing, too long or cannot be shown."""
    clean = text.replace("\r\n", "\n").strip()
    if needed and not clean:
        raise BadInput(N_("Please write a few words."), field=field)
    if len(clean) > MAX_TEXT:
        raise BadInput(N_("Please keep it to 2,000 characters."), field=field)
    if any(not c.isprintable() and c not in "\n\t\u200d\ufe0f" for c in clean):
        raise BadInput(N_("This text holds characters that cannot be shown."), field=field)
    return clean

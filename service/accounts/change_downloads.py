"""How long and how often originals may be fetched after a release."""

from __future__ import annotations

from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.errors import BadInput
from service.kit.translate import N_
from service.wiring import Wiring

MOST_DAYS = 365
MOST_TIMES = 1000


def change_downloads(tx: Tx, wiring: Wiring, who: Who, *, days: str, count: str) -> None:
    """Keeps ``days`` (1 to 365) and ``count`` (1 to 1000), as typed, for releases from now on. Raises BadInput."""
    chosen = (_number(days, "download_days", MOST_DAYS), _number(count, "download_count", MOST_TIMES))
    if chosen != (who.studio.download_days, who.studio.download_count):
        who.studio.download_days, who.studio.download_count = chosen
        record(
            tx,
            wiring,
            who.studio.id,
            "downloads.changed",
            actor=who.actor,
            data={"days": chosen[0], "count": chosen[1]},
        )


def _number(text: str, field: str, most: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise BadInput(N_("Write a whole number from 1 to %(most)s."), field=field, most=most)
    return int(text)

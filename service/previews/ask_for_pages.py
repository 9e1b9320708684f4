"""Pages of a long document are made when somebody comes near them."""

from __future__ import annotations

from service.db import Tx
from service.deliveries.models import Asset
from service.wiring import Wiring

PAGES = "previews.pages"
WINDOW = 6
"""Pages made at a time: few enough that the one asked for comes soon, enough to leaf on."""
BEHIND_INGEST = -1


def ask_for_pages(tx: Tx, wiring: Wiring, asset: Asset, page: int) -> None:
    """Queues the making of ``page`` and its neighbours, if the document goes so far; what is there already is kept."""
    first = page - (page - 2) % WINDOW
    last = min(first + WINDOW - 1, asset.pages_shown)
    if page < 2 or last < first:
        return
    payload = {"asset_id": asset.id, "first": first, "last": last}
    wiring.queue.enqueue(tx, PAGES, payload, key=f"pages:{asset.id}:{first}", priority=BEHIND_INGEST)

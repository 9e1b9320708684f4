"""Making a link's pictures before anybody asks for them, so that a page of three hundred opens without a wait.

One job for each asset makes what any living link still lacks of it: queued when a link is issued and when an asset's
previews are ready, behind everything else. What it does not get to is made when it is asked for.
"""

from __future__ import annotations

import structlog

from service.db import Tx
from service.deliveries.models import Delivery
from service.jobs.queue import Work
from service.previews import repository as previews
from service.previews.imprint import imprint, keep_imprinted
from service.previews.ingest import MAKE_AHEAD
from service.previews.keep import Damaged, forget
from service.previews.models import Rendition
from service.previews.recipe_for import recipe_for
from service.shares import repository
from service.shares.alive import alive
from service.shares.models import ShareLink
from service.wiring import Wiring
from watermark import WatermarkError

FOR_LINK = "shares.make_ahead_for_link"
BEHIND_REMARK = -2
AT_ONCE = 500
MOST_LINKS = 20
"""Links that are made ahead for, the newest first: who sends a delivery to a hundred people pays by the request."""
BATCH = 6
"""Pictures handed to one child of the sandbox."""
log = structlog.get_logger("previews")


def queue_for_link(tx: Tx, wiring: Wiring, link: ShareLink) -> None:
    """Called in the transaction that issues the link."""
    wiring.queue.enqueue(tx, FOR_LINK, {"link_id": link.id}, priority=BEHIND_REMARK)


def make_ahead_for_link(work: Work) -> None:
    """Queues a job for each asset of the link that has previews, in their order, some hundreds at a time."""
    wiring: Wiring = work.wiring
    with work.finish() as tx:
        found = repository.opened_by(tx, str(work.payload["link_id"]))
        if found is None or not alive(found[0], found[1], wiring.clock()):
            return
        link, offset = found[0], int(work.payload.get("offset", 0))
        window = repository.window_of(tx, link, offset, AT_ONCE)
        for asset in window:
            if asset.state == "ready":
                wiring.queue.enqueue(
                    tx, MAKE_AHEAD, {"asset_id": asset.id}, key=f"make_ahead:{asset.id}", priority=BEHIND_REMARK
                )
        if len(window) == AT_ONCE:
            rest = {"link_id": link.id, "offset": offset + AT_ONCE}
            wiring.queue.enqueue(tx, FOR_LINK, rest, priority=BEHIND_REMARK)


def make_ahead(work: Work) -> None:
    """Makes the pictures of ``work.payload["asset_id"]`` that a living link lacks. A failure leaves them to be made when
    they are asked for."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    for link, masters in _lacking(wiring, asset_id):
        for at in range(0, len(masters), BATCH):
            try:
                made = imprint(wiring, link, masters[at : at + BATCH])
            except (WatermarkError, Damaged) as error:
                log.warning("not made ahead", asset=asset_id, error=type(error).__name__)
                break
            with wiring.db.write() as tx:
                unused = keep_imprinted(tx, link, made)
            forget(wiring, unused)
    with work.finish():
        pass


def _lacking(wiring: Wiring, asset_id: str) -> list[tuple[ShareLink, list[Rendition]]]:
    """Which masters each living link has no picture of yet."""
    with wiring.db.read() as tx:
        found = previews.work_on(tx, asset_id, lock=False)
        if found is None or found[0].state != "ready":
            return []
        _asset, _blob, delivery, studio = found
        digest, key_id = recipe_for(studio, delivery).digest(), wiring.signer.current_fingerprint
        return [
            (link, previews.masters_without(tx, delivery.id, asset_id, link.id, digest, key_id))
            for link in _living(tx, wiring, delivery)
        ]


def _living(tx: Tx, wiring: Wiring, delivery: Delivery) -> list[ShareLink]:
    now = wiring.clock()
    links = [link for link in repository.live_links_of(tx, delivery.id, now) if alive(link, delivery, now)]
    return links[::-1][:MOST_LINKS]

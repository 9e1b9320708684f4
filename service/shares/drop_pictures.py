"""Giving back the room of pictures that were made for links: of dead links at once, of sleeping ones after a month.

They can always be made anew from the marked masters; the link's row, by which a found picture is traced, stays.
"""

from __future__ import annotations

from datetime import timedelta

from service.db import Tx
from service.jobs.queue import Work
from service.previews import repository as previews
from service.previews.keep import forget
from service.shares import repository
from service.shares.alive import alive
from service.shares.models import ShareLink
from service.wiring import Wiring

OF_LINK = "shares.drop_pictures"
TIDY = "shares.tidy_pictures"
KEPT_UNSEEN = timedelta(days=30)
TIDY_EVERY = timedelta(days=1)
AT_ONCE = 1000


def queue_drop(tx: Tx, wiring: Wiring, link: ShareLink) -> None:
    """Called in the transaction that revokes the link."""
    wiring.queue.enqueue(tx, OF_LINK, {"link_id": link.id}, key=f"drop_pictures:{link.id}")


def drop_pictures(work: Work) -> None:
    """{"link_id"}: its pictures, if it is dead; some at a time."""
    wiring: Wiring = work.wiring
    link_id = str(work.payload["link_id"])
    with work.finish() as tx:
        unused = previews.drop_of_links(tx, [link_id], AT_ONCE) if _may_go(tx, wiring, link_id) else set()
        if len(unused) == AT_ONCE:
            wiring.queue.enqueue(tx, OF_LINK, {"link_id": link_id})
    forget(wiring, unused)


def tidy_pictures(work: Work) -> None:
    """Queues the dropping for every link whose pictures may go."""
    wiring: Wiring = work.wiring
    with work.finish() as tx:
        for link_id in previews.links_with_pictures(tx):
            if _may_go(tx, wiring, link_id):
                wiring.queue.enqueue(tx, OF_LINK, {"link_id": link_id}, key=f"drop_pictures:{link_id}")


def _may_go(tx: Tx, wiring: Wiring, link_id: str) -> bool:
    """Whether nothing opens through the link any more, or nobody came by for a month."""
    found = repository.opened_by(tx, link_id)
    if found is None:
        return True
    link, delivery, _studio = found
    now = wiring.clock()
    return not alive(link, delivery, now) or now - (link.last_viewed_at or link.created_at) > KEPT_UNSEEN

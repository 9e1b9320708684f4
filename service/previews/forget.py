"""Deleting the pictures of an asset that was taken out of its delivery."""

from __future__ import annotations

from service.deliveries.remove_asset import FORGET
from service.jobs.queue import Work
from service.previews import repository
from service.previews.keep import forget
from service.wiring import Wiring

AT_ONCE = 500


def forget_pictures(work: Work) -> None:
    """Deletes rows first, then bytes, of an asset that was removed; does nothing for one that is in its delivery."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    with work.finish() as tx:
        removed = repository.removed_asset(tx, asset_id)
        old = repository.replace_pictures(tx, asset_id, [], []) if removed else set()
        old |= repository.replace_clip(tx, asset_id, None) if removed else set()
        if removed and removed.state == "ready":
            removed.state = "queued"  # should it ever be put back, its previews are made anew
    forget(wiring, old)


def forget_many(work: Work) -> None:
    """Queues a forgetting for every asset that is out of ``delivery_id``, some hundreds at a time."""
    wiring: Wiring = work.wiring
    delivery_id, after = str(work.payload["delivery_id"]), str(work.payload.get("after", ""))
    with work.finish() as tx:
        found = repository.removed_assets(tx, delivery_id, after=after, limit=AT_ONCE)
        for asset_id in found:
            wiring.queue.enqueue(tx, FORGET, {"asset_id": asset_id}, key=f"forget:{asset_id}")
        if len(found) == AT_ONCE:
            wiring.queue.enqueue(tx, work.job.kind, {"delivery_id": delivery_id, "after": found[-1]})

"""Deleting the pictures of an asset that was taken out of its delivery."""

from __future__ import annotations

from datetime import datetime

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset
from service.deliveries.remove_asset import FORGET
from service.deliveries.undo import UNDO
from service.jobs.queue import Work
from service.previews import repository
from service.previews.keep import forget
from service.wiring import Wiring

AT_ONCE = 500


def forget_pictures(work: Work) -> None:
    """Deletes rows first, then bytes, of an asset that was removed, and asks for the same of the version before it. Does
    nothing for what is in its delivery or compared with what is; waits while it can be put back."""
    wiring: Wiring = work.wiring
    asset_id, old = str(work.payload["asset_id"]), set[str]()
    with work.finish() as tx:
        removed = repository.removed_asset(tx, asset_id)
        until = _needed_until(tx, removed) if removed else None
        if removed is None or until is None:
            return
        if until > wiring.clock():
            wiring.queue.enqueue(tx, FORGET, {"asset_id": asset_id}, key=f"forget:{asset_id}", run_at=until)
            return
        old |= repository.replace_pictures(tx, asset_id, [], [])
        old |= repository.replace_clip(tx, asset_id, None)
        if removed.state == "ready":
            removed.state = "queued"  # should it ever be put back, its previews are made anew
        before = deliveries.version_before(tx, removed.delivery_id, asset_id)
        if before is not None:
            wiring.queue.enqueue(tx, FORGET, {"asset_id": before.id}, key=f"forget:{before.id}")
    forget(wiring, old)


def _needed_until(tx: Tx, removed: Asset) -> datetime | None:
    """When the last undo that would show its pictures again ends, or when it was replaced for the second time; None while
    the version after it is in the delivery, for they are compared."""
    last = repository.successor_of(tx, removed) or removed
    if last.removed_at is None:
        return None
    return last.removed_at if last.successor_id else last.removed_at + UNDO


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

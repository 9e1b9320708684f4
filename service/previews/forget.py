"""Deleting the pictures of an asset that was taken out of its delivery."""

from __future__ import annotations

from service.jobs.queue import Work
from service.previews import repository
from service.previews.keep import forget
from service.wiring import Wiring


def forget_pictures(work: Work) -> None:
    """Deletes rows first, then bytes, of an asset that was removed; does nothing for one that is in its delivery."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    with work.finish() as tx:
        removed = repository.work_on(tx, asset_id) is None
        old = repository.replace_pictures(tx, asset_id, [], []) if removed else set()
        old |= repository.replace_clip(tx, asset_id, None) if removed else set()
    forget(wiring, old)

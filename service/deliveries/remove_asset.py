"""Taking an asset out of a delivery, while nothing was handed over."""

from __future__ import annotations

from datetime import datetime

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Asset
from service.deliveries.rules import check_nothing_open, check_removable
from service.deliveries.undo import UNDO
from service.wiring import Wiring

FORGET = "previews.forget"


def remove_asset(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, asset_id: str, actor: str) -> Asset:
    """Takes the asset out; its previews are unreachable at once, and deleted when it can no longer be put back. The row
    stays, so that the history has its name. Raises NotFound, or Conflict when it is released or the delivery withdrawn."""
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_removable(delivery.state)
    asset = repository.asset_of(tx, delivery.id, asset_id)
    check_nothing_open(repository.opened_by_instalments(tx, delivery.id) & {asset.instalment_id})
    take_out(tx, wiring, asset, wiring.clock(), actor)
    return asset


def take_out(tx: Tx, wiring: Wiring, asset: Asset, now: datetime, actor: str) -> None:
    """Takes it out of a delivery whose row the caller has locked and whose state permits it."""
    asset.removed_at = now
    told = {"asset": asset.id, "name": asset.filename, "sha256": asset.sha256}
    record(tx, wiring, asset.studio_id, "asset.removed", actor=actor, delivery_id=asset.delivery_id, data=told)
    wiring.queue.enqueue(tx, FORGET, {"asset_id": asset.id}, key=f"forget:{asset.id}", run_at=now + UNDO)

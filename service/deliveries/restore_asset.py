"""Putting an asset back that was taken out of its delivery not long ago."""

from __future__ import annotations

from service.accounts import repository as accounts
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Asset
from service.deliveries.rules import check_removable
from service.deliveries.undo import check_can_undo, show_again, too_late
from service.wiring import Wiring


def restore_asset(
    tx: Tx,
    wiring: Wiring,
    *,
    studio_id: str,
    delivery_id: str,
    asset_id: str,
    together: bool = False,
    actor: str,
) -> list[Asset]:
    """The assets that are in the delivery again: this one, and with ``together`` all that were taken out in the same moment.
    Raises NotFound, or Conflict when it is there, was taken out too long ago, or the delivery is released or withdrawn."""
    accounts.studio_for_update(tx, studio_id)  # so that no sweep frees the bytes meanwhile
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_removable(delivery.state)
    asset = repository.asset_of(tx, delivery.id, asset_id, removed=True)
    check_can_undo(asset.removed_at, wiring.clock())
    if asset.successor_id:  # a newer version has its place
        raise too_late()
    removed = repository.removed_at(tx, delivery.id, asset.removed_at) if together else [asset]
    if repository.any_freed(tx, removed):
        raise too_late()
    for one in removed:
        show_again(tx, wiring, one)
        told = {"asset": one.id, "name": one.filename}
        record(tx, wiring, studio_id, "asset.restored", actor=actor, delivery_id=delivery.id, data=told)
    return removed

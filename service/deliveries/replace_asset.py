"""A new version of an asset takes the old one's place; the old one stays to be looked at beside it, and for nothing else."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.add_asset import StoredBytes, add_asset
from service.deliveries.models import Asset
from service.deliveries.remove_asset import FORGET
from service.deliveries.rules import check_nothing_open, check_removable
from service.wiring import Wiring


def replace_asset(
    tx: Tx,
    wiring: Wiring,
    *,
    studio_id: str,
    delivery_id: str,
    asset_id: str,
    stored: StoredBytes,
    filename: str,
    actor: str,
    quota_bytes: int = 0,
) -> Asset:
    """The new version: another asset, with its own comments and answers and the first version's mark, in the old one's
    place, tier and instalment. The old original is no longer in the delivery; its previews stay until the version after this one. Raises as
    ``add_asset`` does, and Conflict when the old one is released: what was handed over stays."""
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_removable(delivery.state)
    old = repository.asset_of(tx, delivery_id, asset_id)
    check_nothing_open(repository.opened_by_instalments(tx, delivery_id) & {old.instalment_id})
    new = add_asset(
        tx,
        wiring,
        studio_id=studio_id,
        delivery_id=delivery_id,
        stored=stored,
        filename=filename,
        path=old.path,
        tier=old.tier,
        actor=actor,
        quota_bytes=quota_bytes,
        position=old.position,
    )
    new.version, new.instalment_id = old.version + 1, old.instalment_id
    new.first_id, new.mark_key_id = old.marked_as, old.mark_key_id
    old.successor_id, old.removed_at, old.instalment_id = new.id, wiring.clock(), ""
    told = {"asset": new.id, "name": new.filename, "replaces": old.id, "version": new.version}
    record(tx, wiring, studio_id, "asset.replaced", actor=actor, delivery_id=delivery_id, data=told)
    before = repository.version_before(tx, delivery_id, old.id)
    if before is not None:
        wiring.queue.enqueue(tx, FORGET, {"asset_id": before.id}, key=f"forget:{before.id}")
    return new

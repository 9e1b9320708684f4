"""Trying again to make an asset's previews."""

from __future__ import annotations

from service.db import Tx
from service.deliveries import repository
from service.deliveries.add_asset import INGEST
from service.deliveries.models import Asset
from service.deliveries.reasons import MAY_PASS
from service.deliveries.rules import check_open
from service.errors import Conflict
from service.kit.translate import N_
from service.wiring import Wiring


def retry_asset(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, asset_id: str) -> Asset:
    """Queues the asset's ingest again; harmless while one still waits. Raises NotFound, or Conflict when the asset has
    its previews or is a card for good."""
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_open(delivery.state)
    asset = repository.asset_of(tx, delivery.id, asset_id)
    if asset.state == "ready" or (asset.state == "card" and asset.reason not in MAY_PASS):
        raise Conflict(N_("This file needs no new try."), code="no_retry")
    queue_again(tx, wiring, asset)
    return asset


def queue_again(tx: Tx, wiring: Wiring, asset: Asset) -> None:
    """Its previews are made anew, from the original."""
    asset.state, asset.reason = "queued", ""
    wiring.queue.enqueue(tx, INGEST, {"asset_id": asset.id}, key=f"ingest:{asset.id}")

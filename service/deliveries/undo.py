"""How long what was deleted can be brought back."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.db import Tx
from service.deliveries import repository
from service.deliveries.add_asset import INGEST
from service.deliveries.models import Asset
from service.errors import Conflict
from service.kit.translate import N_
from service.wiring import Wiring

UNDO = timedelta(days=7)
"""For so long the original's bytes are kept, and counted, whatever a sweep is told."""
REMARK = "previews.remark"


def check_can_undo(deleted_at: datetime | None, now: datetime) -> None:
    """Raises Conflict for what was not deleted, or too long ago."""
    if deleted_at is None:
        raise Conflict(N_("This was not deleted, so there is nothing to bring back."), code="not_deleted")
    if deleted_at <= now - UNDO:
        raise too_late()


def too_late() -> Conflict:
    return Conflict(N_("This was deleted too long ago to bring it back."), code="too_late")


def show_again(tx: Tx, wiring: Wiring, asset: Asset) -> None:
    """Puts a removed asset back in its place. Its previews are made if they are not there, and marked anew if the mark has
    changed meanwhile, on the version before it as well; until then clients see a placeholder."""
    asset.removed_at = None
    before = repository.version_before(tx, asset.delivery_id, asset.id) if asset.version > 1 else None
    if before is not None and before.state == "ready":
        wiring.queue.enqueue(tx, REMARK, {"asset_id": before.id}, key=f"remark:{before.id}")
    kind = REMARK if asset.state == "ready" else INGEST
    if asset.state in {"ready", "queued", "rendering"}:
        wiring.queue.enqueue(tx, kind, {"asset_id": asset.id}, key=f"{kind.rpartition('.')[2]}:{asset.id}")

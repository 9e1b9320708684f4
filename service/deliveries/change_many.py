"""Doing one thing to several assets of a delivery at once: all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.add_asset import check_tier
from service.deliveries.models import Asset, Delivery
from service.deliveries.reasons import MAY_PASS
from service.deliveries.remove_asset import take_out
from service.deliveries.retry_asset import queue_again
from service.deliveries.rules import check_nothing_open, check_open, check_removable
from service.deliveries.undo import REMARK
from service.errors import BadInput
from service.kit.translate import N_
from service.wiring import Wiring

MOST = 500


def change_many(
    tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, asset_ids: Sequence[str], action: str, actor: str
) -> list[Asset]:
    """The assets that were changed. ``action``: remove | final | source | retry | remark; retrying leaves out what needs none.
    Ids that are not in this delivery are NotFound for all. Raises BadInput, NotFound or Conflict (released, withdrawn)."""
    do = _ACTIONS.get(action)
    if do is None:
        raise BadInput(N_("Choose what to do with the files."), field="action")
    if not 1 <= len(asset_ids) <= MOST:
        raise BadInput(N_("Choose between 1 and %(most)s files first."), field="asset", most=MOST)
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    (check_removable if action == "remove" else check_open)(delivery.state)
    return do(tx, wiring, delivery, repository.assets_by_ids(tx, delivery.id, asset_ids), actor)


Do = Callable[[Tx, Wiring, Delivery, list[Asset], str], list[Asset]]


def _remove(tx: Tx, wiring: Wiring, delivery: Delivery, assets: list[Asset], actor: str) -> list[Asset]:
    check_nothing_open(repository.opened_by_instalments(tx, delivery.id) & {asset.instalment_id for asset in assets})
    now = wiring.clock()
    for asset in assets:
        take_out(tx, wiring, asset, now, actor)
    return assets


def _tier(tier: str) -> Do:
    check_tier(tier)

    def do(tx: Tx, wiring: Wiring, delivery: Delivery, assets: list[Asset], actor: str) -> list[Asset]:
        changed = [asset for asset in assets if asset.tier != tier]
        for asset in changed:
            asset.tier = tier
        if changed:
            told = {"tier": tier, "assets": [asset.id for asset in changed]}
            record(tx, wiring, delivery.studio_id, "assets.tiered", actor=actor, delivery_id=delivery.id, data=told)
        return changed

    return do


def _retry(tx: Tx, wiring: Wiring, _delivery: Delivery, assets: list[Asset], _actor: str) -> list[Asset]:
    again = [
        asset for asset in assets if asset.state == "failed" or (asset.state == "card" and asset.reason in MAY_PASS)
    ]
    for asset in again:
        queue_again(tx, wiring, asset)
    return again


def _remark(tx: Tx, wiring: Wiring, _delivery: Delivery, assets: list[Asset], _actor: str) -> list[Asset]:
    ready = [asset for asset in assets if asset.state == "ready"]
    for asset in ready:
        asked = {"asset_id": asset.id, "anew": True}
        wiring.queue.enqueue(tx, REMARK, asked, key=f"remark:{asset.id}")
    return ready


_ACTIONS: dict[str, Do] = {
    "remove": _remove,
    "final": _tier("final"),
    "source": _tier("source"),
    "retry": _retry,
    "remark": _remark,
}

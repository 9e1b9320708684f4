"""Deleting a delivery, and bringing it back: for a while nothing of it is lost, and nobody sees anything of it."""

from __future__ import annotations

from service.accounts import repository as accounts
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Delivery
from service.deliveries.rules import DELETED, check_deletable, check_nothing_open
from service.deliveries.undo import UNDO, check_can_undo, show_again, too_late
from service.wiring import Wiring

FORGET_MANY = "previews.forget_many"


def delete_delivery(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, actor: str) -> Delivery:
    """Deletes it and takes all its assets out, in one step. ``deleted`` is no state in which a link or a download opens, and
    a removed asset is in no answer: either alone would hide it. Raises NotFound, or Conflict when it or a part of it is released."""
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_deletable(delivery.state)
    check_nothing_open(repository.opened_by_instalments(tx, delivery.id))
    now = wiring.clock()
    delivery.deleted_from, delivery.state, delivery.deleted_at = delivery.state, DELETED, now
    repository.remove_all(tx, delivery.id, now)
    told = {"title": delivery.title}
    record(tx, wiring, studio_id, "delivery.deleted", actor=actor, delivery_id=delivery.id, data=told)
    asked = {"delivery_id": delivery.id}
    wiring.queue.enqueue(tx, FORGET_MANY, asked, key=f"forget:{delivery.id}", run_at=now + UNDO)
    return delivery


def restore_delivery(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, actor: str) -> Delivery:
    """The delivery as it was: its state, its links, and the assets it had then. Raises NotFound, or Conflict when it is not
    deleted or was so too long ago."""
    accounts.studio_for_update(tx, studio_id)  # so that no sweep frees the bytes meanwhile
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True, deleted=True)
    check_can_undo(delivery.deleted_at, wiring.clock())
    removed = repository.removed_at(tx, delivery.id, delivery.deleted_at)
    if repository.any_freed(tx, removed):
        raise too_late()
    for asset in removed:
        show_again(tx, wiring, asset)
    delivery.state, delivery.deleted_at, delivery.deleted_from = delivery.deleted_from, None, ""
    record(tx, wiring, studio_id, "delivery.restored", actor=actor, delivery_id=delivery.id)
    return delivery

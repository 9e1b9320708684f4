"""Withdrawing a delivery: its links end, nothing can be added, its originals stay with the studio."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Delivery
from service.deliveries.rules import after, check_nothing_open
from service.wiring import Wiring


def withdraw(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, actor: str) -> Delivery:
    """Withdraws; raises NotFound, or Conflict when it or a part of it is released, or it is withdrawn already."""
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_nothing_open(repository.opened_by_instalments(tx, delivery.id))
    delivery.state = after(delivery.state, "withdraw")
    delivery.withdrawn_at = wiring.clock()
    record(tx, wiring, studio_id, "delivery.withdrawn", actor=actor, delivery_id=delivery.id)
    return delivery

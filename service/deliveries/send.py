"""Sending a delivery: the first link makes a draft a held delivery."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.deliveries.rules import after, check_agreed
from service.wiring import Wiring


def send_delivery(tx: Tx, wiring: Wiring, delivery: Delivery, actor: str) -> None:
    """Marks ``delivery``, whose row the caller has locked, as sent; a further link changes nothing. Raises Conflict
    when it was withdrawn, or is not agreed."""
    check_agreed(delivery.agreed)
    state = after(delivery.state, "send")
    if state == delivery.state:
        return
    delivery.state = state
    delivery.sent_at = wiring.clock()
    record(tx, wiring, delivery.studio_id, "delivery.sent", actor=actor, delivery_id=delivery.id)

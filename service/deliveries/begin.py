"""Beginning a delivery with nothing but a place for its files: what it is, for whom and how much come meanwhile."""

from __future__ import annotations

from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.create import add_invoice
from service.deliveries.models import Delivery
from service.kit.ids import new_id
from service.kit.money import Money
from service.wiring import Wiring


def begin_delivery(tx: Tx, wiring: Wiring, who: Who) -> Delivery:
    """A draft that is not agreed yet: it can be filled, and neither sent, paid nor released. One that was begun before
    and is empty still is taken up again, so that opening the page twice leaves nothing behind."""
    empty = repository.begun_and_empty(tx, who.studio.id)
    if empty is not None:
        return empty
    delivery = Delivery(
        id=new_id("dlv"),
        studio_id=who.studio.id,
        title="",
        client_name="",
        locale=who.studio.locale,
        ask_terms=who.studio.ask_terms,
        created_at=wiring.clock(),
    )
    repository.add(tx, delivery)
    add_invoice(tx, wiring, delivery, Money(0, who.studio.currency), None)
    record(tx, wiring, who.studio.id, "delivery.begun", actor=who.actor, delivery_id=delivery.id)
    return delivery

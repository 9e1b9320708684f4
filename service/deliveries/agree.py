"""Filling in what a begun delivery is, for whom, and how much is owed for it."""

from __future__ import annotations

from service.accounts.who import Who
from service.db import Tx
from service.deliveries import repository
from service.deliveries.create import NewDelivery, fill, record_agreed
from service.deliveries.edit import mark_new_title
from service.deliveries.models import Delivery
from service.errors import Conflict
from service.kit.translate import N_
from service.wiring import Wiring


def agree_delivery(tx: Tx, wiring: Wiring, who: Who, delivery_id: str, new: NewDelivery) -> Delivery:
    """The delivery, agreed; its row stays locked. Raises NotFound, BadInput that names the field, and Conflict when it was
    agreed before: an amount that a client may have seen is not changed."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    if delivery.agreed or delivery.state != "draft":
        raise Conflict(N_("This delivery is agreed already."), code="agreed")
    fill(delivery, who, new)
    invoice = repository.invoice_of(tx, delivery.id)
    invoice.amount_minor, invoice.currency, invoice.due_on = new.amount.minor, new.amount.currency, new.due_on
    record_agreed(tx, wiring, who, delivery, invoice)
    mark_new_title(tx, wiring, who, delivery)
    return delivery

"""Changing what a delivery says: its title, its message to the client, the day payment is due."""

from __future__ import annotations

from datetime import date

from service.accounts.who import Who
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.create import check_words
from service.deliveries.models import Delivery
from service.deliveries.rules import check_agreed, check_open
from service.wiring import Wiring

REMARK_MANY = "previews.remark_studio"


def edit_delivery(
    tx: Tx, wiring: Wiring, who: Who, delivery_id: str, *, title: str, note: str, due_on: date | None
) -> Delivery:
    """The changed delivery. Where the mark carries the title, its previews are marked anew. Raises NotFound, Conflict
    (withdrawn) or BadInput that names the field."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    check_open(delivery.state)
    check_agreed(delivery.agreed)
    check_words(title, delivery.client_name, delivery.client_email, note)
    invoice = repository.invoice_of(tx, delivery.id)
    if repository.instalments_of(tx, delivery.id):
        due_on = invoice.due_on  # each part has its own day
    before = (delivery.title, delivery.note, invoice.due_on)
    delivery.title, delivery.note, invoice.due_on = title.strip(), note.strip(), due_on
    after = (delivery.title, delivery.note, invoice.due_on)
    fields = [name for name, old, new in zip(("title", "note", "due_on"), before, after, strict=True) if old != new]
    if not fields:
        return delivery
    told = {"fields": fields, "title": delivery.title}
    record(tx, wiring, who.studio.id, "delivery.changed", actor=who.actor, delivery_id=delivery.id, data=told)
    if "title" in fields:
        mark_new_title(tx, wiring, who, delivery)
    return delivery


def mark_new_title(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery) -> None:
    """Where the mark carries the title, previews are marked anew."""
    if who.studio.mark_delivery:
        asked = {"studio_id": who.studio.id, "delivery_id": delivery.id}
        wiring.queue.enqueue(tx, REMARK_MANY, asked, key=f"remark:{delivery.id}")

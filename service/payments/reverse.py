"""Reversing a payment: another row, never an edit. A release that rested on it ends in the same transaction."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import BadInput, Conflict
from service.kit.ids import new_id
from service.kit.money import Money
from service.kit.translate import N_
from service.payments import repository
from service.payments.invoice import balance_of
from service.payments.models import Payment
from service.payments.receive import MAX_TEXT, Received
from service.payments.settle import hold_unsettled, set_due
from service.releases import repository as releases
from service.wiring import Wiring


def reverse(tx: Tx, wiring: Wiring, *, studio_id: str, payment_id: str, reason: str, actor: str) -> Received:
    """Takes a payment back with a row of the opposite amount. Raises NotFound, BadInput without a reason, Conflict
    when it was reversed before or is itself a reversal. ``Received.released`` is always False."""
    if not 1 <= len(reason.strip()) <= MAX_TEXT:
        raise BadInput(N_("Please say why, in at most 200 characters."), field="reason")
    original = repository.payment_of(tx, studio_id, payment_id)
    delivery = deliveries.delivery_of(tx, studio_id, original.delivery_id, lock=True)
    if original.reverses_id is not None:
        raise Conflict(N_("This row is itself a reversal."), code="is_reversal")
    releases.release_in_force(tx, delivery.id)
    releases.parts_in_force(tx, delivery.id)
    releases.hold_grants(tx, delivery.id)
    row = _opposite(wiring, original, reason.strip(), actor)
    if not repository.append(tx, row):
        raise Conflict(N_("This payment was reversed already."), code="reversed")
    record(
        tx,
        wiring,
        studio_id,
        "payment.reversed",
        actor=actor,
        delivery_id=delivery.id,
        data={
            "payment": original.id,
            "reason": reason.strip(),
            "amount": Money(original.amount_minor, original.currency).plain(),
        },
    )
    balance = balance_of(tx, delivery.id)
    hold_unsettled(tx, wiring, delivery, actor=actor)
    set_due(tx, delivery)
    return Received(row, delivery, balance, row.currency == balance.owed.currency, released=False)


def _opposite(wiring: Wiring, original: Payment, reason: str, actor: str) -> Payment:
    """The row that takes ``original`` back."""
    return Payment(
        id=new_id("pay"),
        studio_id=original.studio_id,
        delivery_id=original.delivery_id,
        invoice_id=original.invoice_id,
        amount_minor=-original.amount_minor,
        currency=original.currency,
        received_on=wiring.clock().date(),
        source_ref=f"reversal of {original.id}",
        note=reason,
        recorded_by=actor,
        recorded_at=wiring.clock(),
        reverses_id=original.id,
    )

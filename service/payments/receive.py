"""Recording that money came in and, when the invoice is settled by it, releasing: one transaction, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.deliveries.rules import check_agreed
from service.errors import BadInput, Conflict
from service.kit.ids import new_id
from service.kit.money import Money
from service.kit.translate import N_
from service.payments import repository
from service.payments.announce import announce_payment
from service.payments.invoice import Balance, balance_of
from service.payments.models import Payment
from service.payments.settle import open_settled, set_due
from service.wiring import Wiring

Then = Literal["record", "release"]
MAX_TEXT = 200


@dataclass(frozen=True)
class Evidence:
    """What is known about money that came in. ``source_ref`` names where it was seen and is unique in the studio."""

    amount: Money
    received_on: date
    source_ref: str
    note: str = ""


@dataclass(frozen=True)
class Received:
    """The payment as recorded, how the invoice stands now, and whether this payment released the delivery.
    ``counted`` is False for money in another currency. ``opened``: the instalments whose assets it released."""

    payment: Payment
    delivery: Delivery
    balance: Balance
    counted: bool
    released: bool
    opened: list[int] = field(default_factory=list)


def receive(
    tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, evidence: Evidence, actor: str, then: Then
) -> Received:
    """Appends a payment to the delivery's invoice.

    ``then="release"`` releases what the money that came in the invoice's own currency settles: everything, or what an
    instalment opens. A short amount or another currency only waits for a person. Raises BadInput for an unusable amount, date or reference, Conflict when the
    reference was used before or the delivery was withdrawn.
    """
    delivery = deliveries.delivery_of(tx, studio_id, delivery_id, lock=True)
    _check(delivery, evidence, wiring.clock().date())
    invoice = deliveries.invoice_of(tx, delivery.id)
    payment = Payment(
        id=new_id("pay"),
        studio_id=studio_id,
        delivery_id=delivery.id,
        invoice_id=invoice.id,
        amount_minor=evidence.amount.minor,
        currency=evidence.amount.currency,
        received_on=evidence.received_on,
        source_ref=evidence.source_ref.strip(),
        note=evidence.note.strip(),
        recorded_by=actor,
        recorded_at=wiring.clock(),
    )
    if not repository.append(tx, payment):
        raise Conflict(
            N_("A payment with this reference is recorded already, so nothing was added."),
            code="payment_known",
            field="source_ref",
        )
    balance = balance_of(tx, delivery.id)
    counted = payment.currency == invoice.currency
    record(
        tx, wiring, studio_id, "payment.received", actor=actor, delivery_id=delivery.id, data=_told(payment, balance)
    )
    announce_payment(tx, wiring, delivery, evidence.amount, balance)
    opened = open_settled(tx, wiring, delivery, actor=actor) if then == "release" and counted else []
    set_due(tx, delivery)
    return Received(payment, delivery, balance, counted, released=opened == [0], opened=opened)


def _check(delivery: Delivery, evidence: Evidence, today: date) -> None:
    if delivery.state == "withdrawn":
        raise Conflict(N_("This delivery was withdrawn, so no payment can be recorded for it."), code="withdrawn")
    check_agreed(delivery.agreed)
    if evidence.amount.minor <= 0:
        raise BadInput(N_("A payment must be more than zero."), field="amount")
    if evidence.received_on > today + timedelta(days=1):
        raise BadInput(N_("This date is in the future. Record a payment once it has arrived."), field="received_on")
    if not 1 <= len(evidence.source_ref.strip()) <= MAX_TEXT:
        raise BadInput(
            N_("Say where you saw the payment, in at most 200 characters, such as the bank statement line."),
            field="source_ref",
        )
    if len(evidence.note) > MAX_TEXT:
        raise BadInput(N_("This note is longer than 200 characters."), field="note")


def _told(payment: Payment, balance: Balance) -> dict[str, object]:
    """What the audit event says."""
    return {
        "payment": payment.id,
        "amount": Money(payment.amount_minor, payment.currency).plain(),
        "currency": payment.currency,
        "received_on": payment.received_on.isoformat(),
        "source_ref": payment.source_ref,
        "open": balance.open.plain(),
    }

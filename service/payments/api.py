"""Payments for programs: record one, reverse one."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from service.accounts.idempotency import idempotent
from service.accounts.who import Bearer
from service.deliveries.answers import DeliveryOut, delivery_out
from service.kit.money import Money
from service.payments import instalment_api
from service.payments.receive import Evidence, Received, receive
from service.payments.reverse import reverse
from service.payments.typed import money_from
from service.web.boundary import ApiRoute, TxDep, WiringDep

router = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)], tags=["payments"])
router.include_router(instalment_api.router)


class NewPayment(BaseModel):
    """Money that was seen. ``source_ref`` is unique in the studio: the same evidence counts once."""

    amount: str = Field(max_length=40)
    currency: str = Field(max_length=3)
    received_on: date
    source_ref: str = Field(max_length=200)
    note: str = Field(default="", max_length=200)


class Reason(BaseModel):
    """Why something is done; it is kept in the delivery's history."""

    reason: str = Field(max_length=200)


class PaymentOut(BaseModel):
    """A row of the payments table. A reversal has a negative amount and says what it reverses."""

    id: str
    amount: str
    currency: str
    received_on: date
    source_ref: str
    note: str
    reverses: str | None
    counted: bool


class PaymentAnswer(BaseModel):
    """The payment, the delivery after it, what is still open, whether this released it, and the numbers of the
    instalments whose assets it opened."""

    payment: PaymentOut
    delivery: DeliveryOut
    open: str
    over: str
    released: bool
    opened: list[int]


@router.post("/deliveries/{delivery_id}/payments", status_code=201)
def record_payment(tx: TxDep, wiring: WiringDep, who: Bearer, delivery_id: str, body: NewPayment) -> PaymentAnswer:
    """Record a payment; it releases the delivery when the invoice is settled in full."""
    evidence = Evidence(money_from(body.amount, body.currency), body.received_on, body.source_ref, body.note)
    received = receive(
        tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, evidence=evidence, actor=who.actor, then="release"
    )
    return _answer(tx, received)


@router.post("/payments/{payment_id}/reverse", status_code=201)
def reverse_payment(tx: TxDep, wiring: WiringDep, who: Bearer, payment_id: str, body: Reason) -> PaymentAnswer:
    """Reverse a payment; a release that rested on it ends at once."""
    received = reverse(tx, wiring, studio_id=who.studio.id, payment_id=payment_id, reason=body.reason, actor=who.actor)
    return _answer(tx, received)


def _answer(tx: TxDep, received: Received) -> PaymentAnswer:
    row = received.payment
    return PaymentAnswer(
        payment=PaymentOut(
            id=row.id,
            amount=Money(row.amount_minor, row.currency).plain(),
            currency=row.currency,
            received_on=row.received_on,
            source_ref=row.source_ref,
            note=row.note,
            reverses=row.reverses_id,
            counted=received.counted,
        ),
        delivery=delivery_out(tx, received.delivery),
        open=received.balance.open.plain(),
        over=received.balance.over.plain(),
        released=received.released,
        opened=[number for number in received.opened if number],
    )

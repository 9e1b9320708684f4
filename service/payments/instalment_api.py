"""Instalments for programs: read them, agree them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from service.accounts.idempotency import idempotent
from service.accounts.who import Bearer
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.payments import repository
from service.payments.agree_instalments import MOST, NewPart, agree_instalments
from service.payments.instalments import plan_of
from service.payments.typed import money_from
from service.web.boundary import ApiRoute, TxDep, WiringDep

router = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)], tags=["payments"])


class InstalmentIn(BaseModel):
    """A part. ``amount`` in major units, as text, in the invoice's currency; ``assets`` where it opens chosen ones."""

    amount: str = Field(max_length=40)
    due_on: date | None = None
    opens: Literal["nothing", "chosen", "all"] = "nothing"
    assets: list[str] = Field(default_factory=list, max_length=10_000)


class InstalmentsIn(BaseModel):
    """All parts in order; none makes the invoice one sum again."""

    instalments: list[InstalmentIn] = Field(max_length=MOST)


class InstalmentOut(BaseModel):
    """A part as it stands. ``paid`` is what came towards it; ``opened_at``: since when its own assets are released."""

    number: int
    reference: str
    amount: str
    paid: str
    due_on: date | None
    opens: str
    assets: list[str]
    opened_at: datetime | None


class InstalmentsOut(BaseModel):
    """All parts in order. ``due`` is the number of the one to pay next, or null."""

    instalments: list[InstalmentOut]
    due: int | None


@router.get("/deliveries/{delivery_id}/instalments")
def get_instalments(tx: TxDep, who: Bearer, delivery_id: str) -> InstalmentsOut:
    """The parts that the invoice is paid in; none where it is paid in one."""
    return _out(tx, deliveries.delivery_of(tx, who.studio.id, delivery_id))


@router.put("/deliveries/{delivery_id}/instalments")
def put_instalments(tx: TxDep, wiring: WiringDep, who: Bearer, delivery_id: str, body: InstalmentsIn) -> InstalmentsOut:
    """Agree the parts, in place of those before."""
    currency = deliveries.invoice_of(tx, deliveries.delivery_of(tx, who.studio.id, delivery_id).id).currency
    parts = [
        NewPart(money_from(part.amount, currency), part.due_on, part.opens, frozenset(part.assets))
        for part in body.instalments
    ]
    delivery = agree_instalments(
        tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, parts=parts, actor=who.actor
    )
    return _out(tx, delivery)


def _out(tx: Tx, delivery: Delivery) -> InstalmentsOut:
    plan, places = plan_of(tx, delivery.id), repository.places_of(tx, delivery.id)
    rows = [
        InstalmentOut(
            number=part.row.position,
            reference=part.row.reference,
            amount=part.owed.plain(),
            paid=part.paid.plain(),
            due_on=part.row.due_on,
            opens=part.row.opens,
            assets=[asset_id for asset_id, _name, opened_by in places if opened_by == part.row.id],
            opened_at=part.row.opened_at,
        )
        for part in plan.parts
    ]
    return InstalmentsOut(instalments=rows, due=plan.due.row.position if plan.due else None)

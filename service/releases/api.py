"""Releases for programs: waive the payment, take a release back."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from service.accounts.idempotency import idempotent
from service.accounts.who import Bearer
from service.deliveries import repository as deliveries
from service.deliveries.answers import DeliveryOut, delivery_out
from service.releases.release import release
from service.releases.relock import relock
from service.web.boundary import ApiRoute, TxDep, WiringDep

router = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)], tags=["releases"])


class Reason(BaseModel):
    """Why; it is kept in the delivery's history."""

    reason: str = Field(min_length=1, max_length=200)


@router.post("/deliveries/{delivery_id}/release")
def waive(tx: TxDep, wiring: WiringDep, who: Bearer, delivery_id: str, body: Reason) -> DeliveryOut:
    """Release without payment."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    release(tx, wiring, delivery, reason="waived", note=body.reason, actor=who.actor)
    return delivery_out(tx, delivery)


@router.post("/deliveries/{delivery_id}/relock")
def take_back(tx: TxDep, wiring: WiringDep, who: Bearer, delivery_id: str, body: Reason) -> DeliveryOut:
    """End the release and revoke every grant."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    relock(tx, wiring, delivery, reason=body.reason, actor=who.actor)
    return delivery_out(tx, delivery)

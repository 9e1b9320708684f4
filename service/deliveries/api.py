"""Deliveries for programs: agree one, list them, put originals in, see what became of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from service.accounts.idempotency import IdempotencyKey, idempotent, recall, remember
from service.accounts.who import Bearer, Who, bearer
from service.audit.repository import events_of_delivery
from service.db import Tx
from service.deliveries import repository
from service.deliveries.answers import (
    AssetList,
    AssetsAdded,
    DeliveryList,
    DeliveryOut,
    EventList,
    asset_out,
    delivery_out,
    event_out,
    with_invoice,
)
from service.deliveries.create import MAX_TERMS, NewDelivery, create_delivery
from service.deliveries.intake import Intake
from service.deliveries.rules import State
from service.deliveries.typed import agreed_amount
from service.deliveries.upload_assets import Admitted, add_all, admit, fingerprint, upload_assets
from service.kit import translate
from service.web.boundary import ApiRoute, TxDep, WiringDep, own_transactions
from service.wiring import Wiring

router = APIRouter()
plain = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)], tags=["deliveries"])
streamed = APIRouter(route_class=ApiRoute, tags=["deliveries"])
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(max_length=64)]

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "tier": {"type": "string", "enum": ["final", "source"], "default": "final"},
                        "replaces": {
                            "type": "string",
                            "description": "the asset that the one file is a new version of",
                        },
                    },
                }
            }
        },
    }
}


class ClientIn(BaseModel):
    """Who the work is for."""

    name: str = Field(max_length=400)
    email: str = Field(default="", max_length=400)


class DeliveryIn(BaseModel):
    """What is agreed. ``amount`` in major units, as text. ``terms``: true or false asks or does not ask the client to
    accept the studio's terms, a text is the terms themselves, absent is the studio's setting."""

    title: str = Field(max_length=400)
    client: ClientIn
    amount: str = Field(max_length=40)
    currency: str = Field(max_length=8)
    due_on: date | None = None
    locale: str | None = Field(default=None, max_length=16)
    note: str = Field(default="", max_length=10_000)
    terms: bool | Annotated[str, Field(max_length=MAX_TERMS)] | None = None


@plain.post("/deliveries", status_code=201)
def post_delivery(tx: TxDep, wiring: WiringDep, who: Bearer, body: DeliveryIn) -> DeliveryOut:
    """Agree a delivery: a draft with its invoice."""
    own_text = body.terms if isinstance(body.terms, str) else ""
    new = NewDelivery(
        title=body.title,
        client_name=body.client.name,
        client_email=body.client.email,
        amount=agreed_amount(body.amount, body.currency),
        due_on=body.due_on,
        locale=body.locale or "",
        note=body.note,
        ask_terms=bool(own_text.strip()) if isinstance(body.terms, str) else body.terms,
        terms_text=own_text,
    )
    return delivery_out(tx, create_delivery(tx, wiring, who, new))


@plain.get("/deliveries")
def get_deliveries(
    tx: TxDep, who: Bearer, limit: Limit = 50, after: After = None, state: State | None = None
) -> DeliveryList:
    """The studio's deliveries, newest first."""
    found = repository.list_deliveries(tx, who.studio.id, limit=limit + 1, after=after, state=state)
    items = [with_invoice(row.delivery, row.invoice) for row in found[:limit]]
    return DeliveryList(items=items, next=items[-1].id if len(found) > limit else None)


@plain.get("/deliveries/{delivery_id}")
def get_delivery(tx: TxDep, who: Bearer, delivery_id: str) -> DeliveryOut:
    """One delivery."""
    return delivery_out(tx, repository.delivery_of(tx, who.studio.id, delivery_id))


@plain.get("/deliveries/{delivery_id}/assets")
def get_assets(tx: TxDep, who: Bearer, delivery_id: str, limit: Limit = 100, after: After = None) -> AssetList:
    """What is in the delivery, in order, each with the state of its previews."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
    found = repository.assets_of(tx, delivery.id, limit=limit + 1, after=after)
    items = [asset_out(asset) for asset in found[:limit]]
    return AssetList(items=items, next=items[-1].id if len(found) > limit else None)


@plain.get("/deliveries/{delivery_id}/events")
def get_events(
    tx: TxDep, who: Bearer, delivery_id: str, limit: Limit = 100, after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> EventList:
    """What happened to the delivery, from the first."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
    found = events_of_delivery(tx, who.studio.id, delivery.id, after=after, limit=limit + 1)
    items = [event_out(event) for event in found[:limit]]
    return EventList(items=items, next=str(items[-1].number) if len(found) > limit else None)


@streamed.post("/deliveries/{delivery_id}/assets", status_code=201, response_model=AssetsAdded, openapi_extra=FORM)
@own_transactions
async def post_assets(request: Request, wiring: WiringDep, delivery_id: str, key: IdempotencyKey) -> Response:
    """Add one file or several, all or none: multipart, field ``file``; ``tier`` is final or source; ``replaces`` makes one
    file a new version of an asset."""
    who, admitted = await run_in_threadpool(_admitted, request, wiring, delivery_id)
    translate.use(who.member.locale)

    def answer(tx: Tx, intake: Intake) -> Response:
        asked = fingerprint(request, intake)
        known = recall(tx, admitted.studio_id, key, asked) if key else None
        if known is not None:
            return known
        assets = add_all(tx, wiring, admitted, intake)
        added = AssetsAdded(assets=[asset_out(asset) for asset in assets])
        response = JSONResponse(added.model_dump(mode="json"), 201)
        if key:
            remember(tx, admitted.studio_id, key, asked, response, now=wiring.clock())
        return response

    return await upload_assets(request, admitted, answer)


def _admitted(request: Request, wiring: Wiring, delivery_id: str) -> tuple[Who, Admitted]:
    """Who asks and what they may add, before a byte of the body is read."""
    with wiring.db.read() as tx:
        who = bearer(request, tx, wiring)
        return who, admit(tx, wiring, who, delivery_id)


router.include_router(plain)
router.include_router(streamed)

"""Deliveries, assets and events as the API answers them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from service.audit.models import AuditEvent
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Asset, Delivery, Invoice
from service.deliveries.reasons import reason_text
from service.deliveries.rules import State
from service.kit.money import Money


class ClientOut(BaseModel):
    """The person or firm that ordered the work."""

    name: str
    email: str


class DeliveryOut(BaseModel):
    """A delivery. ``amount`` is in major units, as text; ``reference`` is a creditor reference (ISO 11649)."""

    id: str
    title: str
    client: ClientOut
    state: State
    amount: str
    currency: str
    reference: str
    due_on: date | None
    locale: str
    note: str
    terms: bool
    created_at: datetime
    sent_at: datetime | None
    released_at: datetime | None
    withdrawn_at: datetime | None


class AssetOut(BaseModel):
    """An asset. ``state``: queued | rendering | ready | card | failed; ``reason`` is a code and ``why`` its words
    for a card or a failure. ``size`` in bytes."""

    id: str
    filename: str
    tier: str
    size: int
    sha256: str
    media_type: str
    state: str
    reason: str
    why: str
    notes: list[str]
    pages: int
    version: int
    created_at: datetime


class EventOut(BaseModel):
    """A fact from the delivery's history. ``number`` counts within the studio and pages the list."""

    number: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


class DeliveryList(BaseModel):
    """A page of deliveries; ``next`` is the ``after`` of the following page, or null."""

    items: list[DeliveryOut]
    next: str | None


class AssetList(BaseModel):
    """A page of assets; ``next`` is the ``after`` of the following page, or null."""

    items: list[AssetOut]
    next: str | None


class AssetsAdded(BaseModel):
    """What an upload added, in the order it was sent."""

    assets: list[AssetOut]


class EventList(BaseModel):
    """A page of events, oldest first; ``next`` is the ``after`` of the following page, or null."""

    items: list[EventOut]
    next: str | None


def delivery_out(tx: Tx, delivery: Delivery) -> DeliveryOut:
    """A delivery with its invoice (one query)."""
    return with_invoice(delivery, repository.invoice_of(tx, delivery.id))


def with_invoice(delivery: Delivery, invoice: Invoice) -> DeliveryOut:
    """A delivery whose invoice is at hand."""
    return DeliveryOut.model_validate(
        {
            "id": delivery.id,
            "title": delivery.title,
            "client": {"name": delivery.client_name, "email": delivery.client_email},
            "state": delivery.state,
            "amount": Money(invoice.amount_minor, invoice.currency).plain(),
            "currency": invoice.currency,
            "reference": invoice.reference,
            "due_on": invoice.due_on,
            "locale": delivery.locale,
            "note": delivery.note,
            "terms": delivery.ask_terms,
            "created_at": delivery.created_at,
            "sent_at": delivery.sent_at,
            "released_at": delivery.released_at,
            "withdrawn_at": delivery.withdrawn_at,
        }
    )


def asset_out(asset: Asset) -> AssetOut:
    """An asset, without anything of where its bytes are kept."""
    return AssetOut(
        id=asset.id,
        filename=asset.filename,
        tier=asset.tier,
        size=asset.size,
        sha256=asset.sha256,
        media_type=asset.media_type,
        state=asset.state,
        reason=asset.reason,
        why=reason_text(asset.reason),
        notes=[note for note in asset.notes.split(",") if note],
        pages=asset.page_count,
        version=asset.version,
        created_at=asset.created_at,
    )


def event_out(event: AuditEvent) -> EventOut:
    """An event as it was recorded."""
    return EventOut(number=event.seq, at=event.at, kind=event.kind, actor=event.actor, data=json.loads(event.data))

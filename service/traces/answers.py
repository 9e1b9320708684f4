"""A trace as programs read it, by the API and on the command line."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from service.traces.trace import Named, Traced


class TracedDelivery(BaseModel):
    """What the link opened."""

    id: str
    title: str
    client: str


class TracedLink(BaseModel):
    """A link that the picture was served to; never who passed it on. ``confidence`` is from 0 to 1."""

    id: str
    name: str
    email: str
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    first_viewed_at: datetime | None
    delivery: TracedDelivery
    studio: str
    confidence: float
    page: int


class TraceOut(BaseModel):
    """``links`` empty: no mark of one of the studio's links was read, which proves nothing. ``complete`` false: not all
    could be tried."""

    sha256: str
    complete: bool
    links: list[TracedLink]


def trace_out(traced: Traced) -> TraceOut:
    return TraceOut(sha256=traced.sha256, complete=traced.complete, links=[_link_out(one) for one in traced.named])


def _link_out(one: Named) -> TracedLink:
    link = one.link
    return TracedLink(
        id=link.id,
        name=link.name,
        email=link.email,
        issued_at=link.created_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        first_viewed_at=link.first_viewed_at,
        delivery=TracedDelivery(id=one.delivery.id, title=one.delivery.title, client=one.delivery.client_name),
        studio=one.studio.name,
        confidence=round(one.confidence, 4),
        page=one.page,
    )

"""Share links for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from service.accounts.idempotency import idempotent
from service.accounts.who import Bearer
from service.deliveries import repository as deliveries
from service.shares import repository
from service.shares.address import link_url
from service.shares.issue_link import issue_link
from service.shares.models import ShareLink
from service.shares.revoke_link import revoke_link
from service.web.boundary import ApiRoute, TxDep, WiringDep
from service.wiring import Wiring

router = APIRouter(route_class=ApiRoute, dependencies=[Depends(idempotent)])


class NewLink(BaseModel):
    """``expires_at`` needs its time zone (RFC 3339); absent is no end. ``announce`` sends the link by e-mail, to
    ``email`` or else to the client's address."""

    name: str = Field(min_length=1, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    expires_at: datetime | None = None
    passphrase: str | None = Field(default=None, max_length=200)
    announce: bool = False


class LinkOut(BaseModel):
    """``url`` is what the client opens: whoever has it sees the previews."""

    id: str
    delivery: str
    name: str
    email: str
    url: str
    has_passphrase: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    first_viewed_at: datetime | None
    last_viewed_at: datetime | None
    view_count: int


class LinksOut(BaseModel):
    items: list[LinkOut]
    next: str | None


@router.post("/deliveries/{delivery_id}/links", status_code=201)
def post_link(tx: TxDep, wiring: WiringDep, who: Bearer, delivery_id: str, new: NewLink) -> LinkOut:
    """A new link; the first one sends the delivery."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    link = issue_link(
        tx,
        wiring,
        delivery=delivery,
        name=new.name,
        email=new.email or "",
        expires_at=new.expires_at,
        passphrase=new.passphrase or "",
        actor=who.actor,
        announce=new.announce,
    )
    return link_out(wiring, link)


@router.get("/deliveries/{delivery_id}/links")
def get_links(
    tx: TxDep,
    wiring: WiringDep,
    who: Bearer,
    delivery_id: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: str | None = None,
) -> LinksOut:
    """The delivery's links, revoked ones too, the oldest first."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
    last = repository.link_of(tx, who.studio.id, after) if after else None
    found = repository.links_of(tx, delivery.id, limit=limit + 1, after=last)
    more = found[limit - 1].id if len(found) > limit else None
    return LinksOut(items=[link_out(wiring, link) for link in found[:limit]], next=more)


@router.delete("/links/{link_id}", status_code=204)
def delete_link(tx: TxDep, wiring: WiringDep, who: Bearer, link_id: str) -> Response:
    """Revokes the link: nothing opens through it any more."""
    revoke_link(tx, wiring, studio_id=who.studio.id, link_id=link_id, actor=who.actor)
    return Response(status_code=204)


def link_out(wiring: Wiring, link: ShareLink) -> LinkOut:
    """The link as programs read it."""
    return LinkOut(
        id=link.id,
        delivery=link.delivery_id,
        name=link.name,
        email=link.email,
        url=link_url(wiring, link),
        has_passphrase=bool(link.passphrase),
        created_at=link.created_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        first_viewed_at=link.first_viewed_at,
        last_viewed_at=link.last_viewed_at,
        view_count=link.view_count,
    )

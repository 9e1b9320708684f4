"""Noting that somebody looked: one row an hour for each link and visitor, for the studio to see."""

from __future__ import annotations

from service.accounts.models import Studio
from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.notify.outbox import send
from service.shares import repository
from service.shares.alive import alive
from service.shares.models import LinkView, ShareLink
from service.shares.open_link import OpenedLink
from service.shares.visitor import coarse
from service.web.boundary import WriteFirst
from service.wiring import Wiring

MAX_AGENT = 200


def note_view(tx: Tx, wiring: Wiring, opened: OpenedLink, *, address: str, agent: str) -> None:
    """Sees to it that a visit is noted, unless it is the studio's own: raises WriteFirst when it is not yet.

    The row keeps the visitor's network, not the address; its id is a keyed hash of link, address and hour, so a second
    row of the hour cannot exist."""
    if opened.own:
        return
    link_id, now = opened.link.id, wiring.clock()
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    view_id = f"viw_{wiring.signer.mac('link-view', f'{link_id} {address} {hour}')[:32]}"
    if repository.is_noted(tx, view_id):
        return

    def write(tx: Tx) -> None:
        row = LinkView(id=view_id, link_id=link_id, at=now, address=coarse(address), agent=agent[:MAX_AGENT])
        found = repository.opened_by(tx, link_id)
        if not found or not alive(found[0], found[1], now) or not repository.add_view(tx, row):
            return
        if repository.count_view(tx, found[0], now):
            _tell_first(tx, wiring, *found)

    raise WriteFirst(write)


def _tell_first(tx: Tx, wiring: Wiring, link: ShareLink, delivery: Delivery, studio: Studio) -> None:
    """The studio is told once a link that the client has seen it."""
    told = {"link": link.id, "name": link.name}
    record(tx, wiring, studio.id, "link.first_viewed", actor=f"link:{link.id}", delivery_id=delivery.id, data=told)
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind="viewed",
        recipient=studio.email,
        locale=studio.locale,
        delivery_id=delivery.id,
        title=delivery.title,
        name=link.name,
    )

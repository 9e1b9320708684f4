"""Noting that somebody looked: one row an hour for each link and visitor, for the studio to see."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.notify.outbox import send
from service.shares import repository
from service.shares.models import LinkView
from service.shares.open_link import OpenedLink
from service.shares.visitor import coarse
from service.wiring import Wiring

MAX_AGENT = 200


def note_view(tx: Tx, wiring: Wiring, opened: OpenedLink, *, address: str, agent: str) -> None:
    """Counts a visit, unless it is the studio's own. The row keeps the visitor's network, not the address; its id is a
    keyed hash of link, address and hour, so a second row of the hour cannot exist."""
    if opened.own:
        return
    link, now = opened.link, wiring.clock()
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    view_id = f"viw_{wiring.signer.mac('link-view', f'{link.id} {address} {hour}')[:32]}"
    row = LinkView(id=view_id, link_id=link.id, at=now, address=coarse(address), agent=agent[:MAX_AGENT])
    if repository.add_view(tx, row) and repository.count_view(tx, link, now):
        _tell_first(tx, wiring, opened)


def _tell_first(tx: Tx, wiring: Wiring, opened: OpenedLink) -> None:
    """The studio is told once a link that the client has seen it."""
    link, delivery, studio = opened.link, opened.delivery, opened.studio
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

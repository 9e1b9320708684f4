"""Telling both sides that the originals are theirs to fetch."""

from __future__ import annotations

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries.models import Delivery
from service.notify.outbox import send
from service.shares.address import link_url
from service.shares.repository import live_links_of
from service.wiring import Wiring


def announce_release(tx: Tx, wiring: Wiring, delivery: Delivery, *, kind: str = "released") -> None:
    """Writes to whoever holds a live link with an e-mail address, and, of the release of everything, to the studio."""
    studio = accounts.studio(tx, delivery.studio_id)
    for link in live_links_of(tx, delivery.id, wiring.clock()):
        address = link.email or delivery.client_email
        if address:
            send(
                tx,
                wiring,
                studio_id=studio.id,
                kind=kind,
                recipient=address,
                locale=delivery.locale,
                delivery_id=delivery.id,
                reply_to=studio.email,
                studio=studio.name,
                title=delivery.title,
                link=link_url(wiring, link),
                days=studio.download_days,
            )
    if kind != "released":
        return
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind="released_studio",
        recipient=studio.email,
        locale=studio.locale,
        delivery_id=delivery.id,
        title=delivery.title,
        client=delivery.client_name,
    )

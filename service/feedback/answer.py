"""A client approves, or asks for changes: one asset, or all of it. Recorded apart from money; it releases nothing."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import BadInput
from service.feedback import repository
from service.feedback.limits import may_speak, tidy
from service.feedback.models import Answer
from service.kit.ids import new_id
from service.kit.translate import N_
from service.notify.outbox import send
from service.shares.open_link import OpenedLink
from service.wiring import Wiring

KINDS = {"approved": "work.approved", "changes": "changes.requested"}


def answer(tx: Tx, wiring: Wiring, opened: OpenedLink, *, asset_id: str, said: str, note: str) -> Answer:
    """``asset_id`` empty is everything. Asking for changes needs a few words where it is about everything. Raises
    NotFound for an asset of another delivery, BadInput, Conflict (own visit) and TooManyRequests."""
    if said not in KINDS:
        raise BadInput(N_("Choose one of the answers on offer."), field="said")
    clean = tidy(note, "note", needed=said == "changes" and not asset_id)
    asset = deliveries.asset_of(tx, opened.delivery.id, asset_id) if asset_id else None
    may_speak(tx, wiring, opened, "answer")
    link, delivery = opened.link, opened.delivery
    row = Answer(
        id=new_id("ans"),
        delivery_id=delivery.id,
        link_id=link.id,
        asset_id=asset_id,
        said=said,
        note=clean,
        name=link.name,
        at=wiring.clock(),
    )
    repository.add(tx, row)
    told = {"link": link.id, "name": link.name, "asset": asset_id or "all", "what": asset.filename if asset else ""}
    record(tx, wiring, delivery.studio_id, KINDS[said], actor=f"link:{link.id}", delivery_id=delivery.id, data=told)
    if asset is None:
        _tell(tx, wiring, opened, row)
    return row


def _tell(tx: Tx, wiring: Wiring, opened: OpenedLink, row: Answer) -> None:
    """An answer about everything goes to the studio at once; those about one asset are on the delivery's page."""
    studio = opened.studio
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind=f"answered_{row.said}",
        recipient=studio.email,
        locale=studio.locale,
        delivery_id=opened.delivery.id,
        title=opened.delivery.title,
        name=row.name,
        note=row.note,
    )

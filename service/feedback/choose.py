"""Favourites: the client chooses, up to the number that was agreed; the studio agrees that number."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.rules import check_open
from service.errors import BadInput, Conflict
from service.feedback import repository
from service.feedback.limits import may_speak
from service.feedback.models import Favourite, Selection
from service.kit.translate import N_
from service.shares.open_link import OpenedLink
from service.wiring import Wiring

MOST = 10_000


def choose(tx: Tx, wiring: Wiring, opened: OpenedLink, asset_id: str) -> bool:
    """Adds the asset to what is chosen, or takes it out; returns whether it is chosen now. Raises NotFound for an
    asset of another delivery, Conflict when nothing was agreed to choose from or the number is reached."""
    link, delivery = opened.link, opened.delivery
    asset = deliveries.asset_of(tx, delivery.id, asset_id)
    may_speak(tx, wiring, opened, "favourite")
    selection = repository.selection_of(tx, delivery.id, lock=True)
    if selection is None:
        raise Conflict(N_("No choice was agreed for this delivery."), code="no_selection")
    chosen = repository.favourite_of(tx, delivery.id, asset.id)
    if chosen is not None:
        repository.drop(tx, chosen)
        return False
    if len(repository.favourites_of(tx, delivery.id)) >= selection.at_most:
        raise Conflict(
            N_("You have chosen as many as were agreed. Take one out first, or ask for more."), code="selection_full"
        )
    repository.add(tx, Favourite(delivery_id=delivery.id, asset_id=asset.id, link_id=link.id, at=wiring.clock()))
    return True


def agree_selection(tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, at_most: int, actor: str) -> None:
    """How many the client may choose; 0 ends choosing and keeps what was chosen. Raises NotFound, BadInput, Conflict."""
    delivery = deliveries.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_open(delivery.state)
    if not 0 <= at_most <= MOST:
        raise BadInput(N_("Write a number from 0 to 10,000."), field="at_most")
    selection = repository.selection_of(tx, delivery.id, lock=True)
    if selection is not None and not at_most:
        repository.drop(tx, selection)
    elif selection is not None:
        selection.at_most = at_most
    elif at_most:
        repository.add(tx, Selection(delivery_id=delivery.id, at_most=at_most))
    told = {"at_most": at_most}
    record(tx, wiring, studio_id, "selection.agreed", actor=actor, delivery_id=delivery.id, data=told)

"""Accepting the terms: who, when, and exactly which text, before any preview is shown."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.errors import BadInput, Conflict
from service.kit.ids import new_id
from service.kit.translate import N_
from service.shares import repository
from service.shares.models import TermsAcceptance
from service.shares.open_link import OpenedLink
from service.shares.terms_hash import terms_sha256
from service.shares.visitor import coarse
from service.wiring import Wiring

MAX_NAME = 200


def accept_terms(
    tx: Tx, wiring: Wiring, opened: OpenedLink, *, name: str, agreed: bool, text_sha256: str, address: str
) -> TermsAcceptance:
    """Keeps the acceptance of the delivery's terms through this link; a second one changes nothing.

    ``text_sha256`` is of the text that stood on the page: raises Conflict when that is no longer the delivery's.
    Raises BadInput for a missing name or tick. A member of the studio cannot accept in the client's place.
    """
    delivery, link = opened.delivery, opened.link
    if opened.own:
        raise Conflict(N_("Only the client can accept the terms, on their own device."), code="own_link")
    if not 1 <= len(name.strip()) <= MAX_NAME or not name.strip().isprintable():
        raise BadInput(N_("Please write your name."), field="name")
    if not agreed:
        raise BadInput(N_("Please tick that you accept the terms."), field="agreed")
    if not delivery.ask_terms or text_sha256 != terms_sha256(delivery.terms_text):
        raise Conflict(N_("The terms have changed meanwhile. Please read them once more."), code="terms_changed")
    before = repository.acceptance_of(tx, link, text_sha256)
    if before is not None:
        return before
    row = TermsAcceptance(
        id=new_id("trm"),
        link_id=link.id,
        delivery_id=delivery.id,
        name=name.strip(),
        at=wiring.clock(),
        text_sha256=text_sha256,
        text=delivery.terms_text,
        address=coarse(address),
    )
    repository.add(tx, row)
    told = {"link": link.id, "name": row.name, "text_sha256": text_sha256}
    record(
        tx, wiring, delivery.studio_id, "terms.accepted", actor=f"link:{link.id}", delivery_id=delivery.id, data=told
    )
    return row

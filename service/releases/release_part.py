"""Releasing what one settled instalment opens, while the rest is held."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery, Instalment
from service.errors import Conflict
from service.kit.ids import new_id
from service.kit.translate import N_
from service.releases import repository
from service.releases.announce import announce_release
from service.releases.models import Release
from service.wiring import Wiring


def release_part(tx: Tx, wiring: Wiring, delivery: Delivery, instalment: Instalment, *, actor: str) -> Release:
    """Opens the assets that name ``instalment``, of a ``delivery`` that is not released and whose row the caller has locked.
    Raises Conflict when they are open; a partial unique index would refuse a second release, too."""
    if delivery.state not in {"draft", "held"} or instalment.delivery_id != delivery.id or instalment.opened_at:
        raise Conflict(N_("This part of the originals cannot be released now."), code="already_released")
    instalment.opened_at = now = wiring.clock()
    row = Release(
        id=new_id("rel"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        instalment_id=instalment.id,
        reason="paid",
        by=actor,
        at=now,
    )
    repository.add(tx, row)
    record(
        tx,
        wiring,
        delivery.studio_id,
        "release.part_made",
        actor=actor,
        delivery_id=delivery.id,
        data={"release": row.id, "instalment": instalment.id, "number": instalment.position},
    )
    announce_release(tx, wiring, delivery, kind="released_part")
    return row

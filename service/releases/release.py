"""Releasing a delivery: the decision to hand the originals over. It only flips state; nothing is processed."""

from __future__ import annotations

from typing import Literal

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.deliveries.rules import after, check_agreed
from service.kit.ids import new_id
from service.releases import repository
from service.releases.announce import announce_release
from service.releases.models import Release
from service.wiring import Wiring

Reason = Literal["paid", "waived"]


def release(tx: Tx, wiring: Wiring, delivery: Delivery, *, reason: Reason, note: str, actor: str) -> Release:
    """Releases ``delivery``, whose row the caller has locked; raises Conflict when its state forbids it.

    At most one release is in force per delivery: the state machine refuses a second, and a partial unique index
    would refuse it too.
    """
    check_agreed(delivery.agreed)
    delivery.state = after(delivery.state, "release")
    delivery.released_at = now = wiring.clock()
    row = Release(
        id=new_id("rel"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        reason=reason,
        note=note,
        by=actor,
        at=now,
    )
    repository.add(tx, row)
    record(
        tx,
        wiring,
        delivery.studio_id,
        "release.made",
        actor=actor,
        delivery_id=delivery.id,
        data={"release": row.id, "reason": reason, "note": note},
    )
    announce_release(tx, wiring, delivery)
    return row

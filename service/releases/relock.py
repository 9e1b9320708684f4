"""Taking a release back: every grant dies in the same transaction, so downloads stop at the next byte asked for."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.deliveries.rules import after
from service.releases import repository
from service.releases.models import Release
from service.wiring import Wiring


def relock(tx: Tx, wiring: Wiring, delivery: Delivery, *, reason: str, actor: str) -> Release | None:
    """Ends the release of ``delivery``, whose row the caller has locked; raises Conflict when it is not released.
    What was downloaded before cannot be called back. Returns the release that ended."""
    delivery.state = after(delivery.state, "relock")
    delivery.released_at = None
    ended = repository.release_in_force(tx, delivery.id)
    revoked = 0
    if ended is not None:
        ended.ended_at, ended.ended_why = wiring.clock(), reason
        revoked = repository.revoke_grants(tx, ended.id, wiring.clock())
    record(
        tx,
        wiring,
        delivery.studio_id,
        "release.ended",
        actor=actor,
        delivery_id=delivery.id,
        data={"release": ended.id if ended else "", "reason": reason, "grants_revoked": revoked},
    )
    return ended

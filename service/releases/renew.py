"""Opening downloads again for a client who came too late or used them up."""

from __future__ import annotations

from datetime import timedelta

from service.accounts.models import Studio
from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery
from service.errors import Conflict
from service.kit.translate import N_
from service.releases import repository
from service.wiring import Wiring


def renew(tx: Tx, wiring: Wiring, delivery: Delivery, studio: Studio, *, actor: str) -> int:
    """Gives every live grant the studio's full time and number again; returns how many there were."""
    whole = repository.release_in_force(tx, delivery.id) if delivery.state == "released" else None
    if whole is None and not repository.parts_in_force(tx, delivery.id):
        raise Conflict(N_("The originals are held until payment, so there is nothing to open again."))
    until = wiring.clock() + timedelta(days=studio.download_days)
    grants = [grant for grant, _link in repository.grants_of(tx, delivery.id)]
    for grant in grants:
        grant.expires_at, grant.max_uses = until, grant.uses + studio.download_count
    record(
        tx,
        wiring,
        delivery.studio_id,
        "downloads.renewed",
        actor=actor,
        delivery_id=delivery.id,
        data={"grants": len(grants), "until": until.date().isoformat()},
    )
    return len(grants)

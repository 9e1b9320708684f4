"""Revoking a share link: from the next request on, nothing opens through it."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.shares import repository
from service.shares.drop_pictures import queue_drop
from service.shares.models import ShareLink
from service.wiring import Wiring


def revoke_link(tx: Tx, wiring: Wiring, *, studio_id: str, link_id: str, actor: str) -> ShareLink:
    """Revokes the studio's link; raises NotFound. A link that is revoked already stays as it was."""
    link = repository.link_of(tx, studio_id, link_id, lock=True)
    if link.revoked_at is None:
        link.revoked_at = wiring.clock()
        queue_drop(tx, wiring, link)
        told = {"link": link.id, "name": link.name}
        record(tx, wiring, studio_id, "link.revoked", actor=actor, delivery_id=link.delivery_id, data=told)
    return link

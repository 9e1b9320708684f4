"""Taking a release back: every grant dies in the same transaction, so downloads stop at the next byte asked for."""

from __future__ import annotations

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Delivery, Instalment
from service.deliveries.rules import after
from service.releases import repository
from service.releases.models import Release
from service.wiring import Wiring


def relock(tx: Tx, wiring: Wiring, delivery: Delivery, *, reason: str, actor: str) -> None:
    """Ends every release of ``delivery``, whose row the caller has locked, also those of single instalments; raises
    Conflict when nothing is released. What was downloaded before cannot be called back."""
    repository.release_in_force(tx, delivery.id)
    parts = repository.parts_in_force(tx, delivery.id)
    repository.hold_grants(tx, delivery.id)
    if not parts or delivery.state == "released":
        hold(tx, wiring, delivery, reason=reason, actor=actor)
    for release, instalment in parts:
        hold_part(tx, wiring, delivery, release, instalment, reason=reason, actor=actor)


def hold(tx: Tx, wiring: Wiring, delivery: Delivery, *, reason: str, actor: str) -> None:
    """Ends the release of everything; what instalments have opened stays open. Raises Conflict when there is none."""
    delivery.state = after(delivery.state, "relock")
    delivery.released_at = None
    ended = repository.release_in_force(tx, delivery.id)
    _end(tx, wiring, delivery, ended, reason, actor)


def hold_part(
    tx: Tx, wiring: Wiring, delivery: Delivery, release: Release, instalment: Instalment, *, reason: str, actor: str
) -> None:
    """Ends the release of what ``instalment`` opened."""
    instalment.opened_at = None
    _end(tx, wiring, delivery, release, reason, actor)


def _end(tx: Tx, wiring: Wiring, delivery: Delivery, ended: Release | None, reason: str, actor: str) -> None:
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

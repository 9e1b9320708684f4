"""What follows from the money that has come: what it settles is released, what it no longer settles is held again.

Both run in the transaction that appended the payment, with the delivery's row locked. Each opens or ends a release
once: what is open already stays as it is.
"""

from __future__ import annotations

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.kit.translate import N_
from service.payments.instalments import plan_of
from service.releases import repository as releases
from service.releases.release import release
from service.releases.release_part import release_part
from service.releases.relock import hold, hold_part
from service.wiring import Wiring

RELEASABLE = {"draft", "held"}


def open_settled(tx: Tx, wiring: Wiring, delivery: Delivery, *, actor: str) -> list[int]:
    """Releases what is settled and not open: everything when all is paid or a part that opens all is, else what each
    settled part opens. Returns the numbers of the parts whose assets were opened; ``[0]`` for everything."""
    parts = plan_of(tx, delivery.id)
    if delivery.state not in RELEASABLE:
        return []
    if parts.opens_all:
        release(tx, wiring, delivery, reason="paid", note="", actor=actor)
        return [0]
    opened = [p.row for p in parts.parts if p.settled and p.row.opens == "chosen" and p.row.opened_at is None]
    for row in opened:
        release_part(tx, wiring, delivery, row, actor=actor)
    return [row.position for row in opened]


def hold_unsettled(tx: Tx, wiring: Wiring, delivery: Delivery, *, actor: str) -> None:
    """Ends each release that rests on money which is no longer there. A waived one rests on none. Opens nothing."""
    parts, reason = plan_of(tx, delivery.id), N_("payment reversed")
    in_force = releases.release_in_force(tx, delivery.id)
    if in_force is not None and in_force.reason == "paid" and not parts.opens_all:
        hold(tx, wiring, delivery, reason=reason, actor=actor)
    settled = {part.row.id for part in parts.parts if part.settled}
    for row, instalment in releases.parts_in_force(tx, delivery.id):
        if instalment.id not in settled:
            hold_part(tx, wiring, delivery, row, instalment, reason=reason, actor=actor)


def set_due(tx: Tx, delivery: Delivery) -> None:
    """The invoice is due when the part is that comes next; with all paid, when the last was."""
    parts = plan_of(tx, delivery.id)
    if parts.parts:
        deliveries.invoice_of(tx, delivery.id).due_on = (parts.due or parts.parts[-1]).row.due_on

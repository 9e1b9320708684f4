"""How the parts of an invoice stand: money counts towards them in order, whatever reference it came with.

Pure but for :func:`plan_of` and :func:`owed_now`, which read rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery, Instalment
from service.kit.money import Money
from service.payments.invoice import Balance, balance_of
from service.releases.repository import release_in_force


@dataclass(frozen=True)
class Part:
    """An instalment and what came towards it. ``paid`` is never more than ``owed``."""

    row: Instalment
    owed: Money
    paid: Money

    @property
    def open(self) -> Money:
        return Money(self.owed.minor - self.paid.minor, self.owed.currency)

    @property
    def settled(self) -> bool:
        return not self.open.minor


@dataclass(frozen=True)
class Plan:
    """How the invoice stands, and all its parts in order; none where it is paid in one."""

    balance: Balance
    parts: tuple[Part, ...] = ()

    @property
    def due(self) -> Part | None:
        """The part that is to be paid next; None when all are, or there are none."""
        return next((part for part in self.parts if not part.settled), None)

    @property
    def open_now(self) -> Money:
        """What is to be paid next: what is open of the part that is due, or, without parts, of the invoice."""
        return self.due.open if self.due else self.balance.open

    @property
    def opens_all(self) -> bool:
        """Whether what was paid opens everything: the invoice is settled, a part that opens all is, or all parts are."""
        settled = [part for part in self.parts if part.settled]
        all_parts = bool(settled) and len(settled) == len(self.parts)
        return self.balance.settled or all_parts or any(part.row.opens == "all" for part in settled)


def plan(rows: Sequence[Instalment], balance: Balance) -> Plan:
    """Fills ``rows``, in order, with what was paid in all. Nothing counts towards a part before the one before it is
    settled; a negative sum (more reversed than came) counts as nothing."""
    paid = balance.paid
    left, parts = max(0, paid.minor), []
    for row in rows:
        part = min(left, row.amount_minor)
        left -= part
        parts.append(Part(row, Money(row.amount_minor, paid.currency), Money(part, paid.currency)))
    return Plan(balance, tuple(parts))


def plan_of(tx: Tx, delivery_id: str) -> Plan:
    """A delivery's invoice and its parts as they stand now."""
    return plan(deliveries.instalments_of(tx, delivery_id), balance_of(tx, delivery_id))


def owed_now(tx: Tx, delivery: Delivery, parts: Plan) -> bool:
    """Whether the client is asked to pay: while the work is held, and also after a part has opened all of it before the
    last was due. After a release without payment nobody is."""
    if delivery.state != "released":
        return delivery.state == "held"
    in_force = release_in_force(tx, delivery.id, lock=False)
    return parts.due is not None and in_force is not None and in_force.reason == "paid"

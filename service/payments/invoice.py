"""How an invoice stands: what is owed, what was received, what is still open."""

from __future__ import annotations

from dataclasses import dataclass

from service.db import Tx
from service.deliveries import repository as deliveries
from service.kit.money import Money
from service.payments import repository


@dataclass(frozen=True)
class Balance:
    """``open`` and ``over`` are never negative; ``settled`` means something was owed and all of it came."""

    owed: Money
    paid: Money

    @property
    def open(self) -> Money:
        return Money(max(0, self.owed.minor - self.paid.minor), self.owed.currency)

    @property
    def over(self) -> Money:
        return Money(max(0, self.paid.minor - self.owed.minor), self.owed.currency)

    @property
    def settled(self) -> bool:
        return self.paid.minor > 0 and self.paid.minor >= self.owed.minor


def balance_of(tx: Tx, delivery_id: str) -> Balance:
    """The balance of a delivery's invoice. Money in another currency does not count: a person decides on it."""
    invoice = deliveries.invoice_of(tx, delivery_id)
    paid = repository.sum_of(tx, delivery_id, invoice.currency)
    return Balance(Money(invoice.amount_minor, invoice.currency), Money(paid, invoice.currency))

"""What payments show on the delivery page and on the share page."""

from __future__ import annotations

from fastapi import Request

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.kit.money import Money
from service.payments import repository
from service.payments.invoice import balance_of
from service.payments.models import Payment
from service.shares.models import ShareLink
from service.web.boundary import wiring_of
from service.web.panels import Panel, delivery_panel, share_panel


@delivery_panel
def money_of_delivery(tx: Tx, request: Request, delivery: Delivery) -> Panel:
    """What is owed and paid, each payment, and the form to record one."""
    payments = repository.payments_of(tx, delivery.id)
    today = wiring_of(request).clock().date()
    data = {
        "balance": balance_of(tx, delivery.id),
        "invoice": deliveries.invoice_of(tx, delivery.id),
        "rows": [(row, _money(row), _is_reversed(row, payments)) for row in payments],
        "today": today.isoformat(),
    }
    return Panel("payments/delivery_panel.html", 20, data)


@share_panel
def money_of_link(tx: Tx, _request: Request, delivery: Delivery, _link: ShareLink) -> Panel | None:
    """What is owed and how to pay it; after payment, that it came."""
    studio = accounts.studio(tx, delivery.studio_id)
    data = {
        "balance": balance_of(tx, delivery.id),
        "invoice": deliveries.invoice_of(tx, delivery.id),
        "payee": studio,
    }
    return Panel("payments/share_panel.html", 10, data)


def _money(row: Payment) -> Money:
    return Money(row.amount_minor, row.currency)


def _is_reversed(row: Payment, rows: list[Payment]) -> bool:
    return any(other.reverses_id == row.id for other in rows)

"""What payments show on the delivery page and on the share page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from fastapi import Request

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery, Invoice
from service.kit.money import Money
from service.kit.translate import _, shown_date
from service.payments import repository
from service.payments.instalments import Plan, owed_now, plan_of
from service.payments.licensed import accepted_through
from service.payments.models import Payment
from service.payments.qr import epc_qr
from service.payments.remind import can_remind
from service.payments.steps import steps_of
from service.shares import repository as shares
from service.shares.models import ShareLink
from service.web.boundary import wiring_of
from service.web.panels import Panel, delivery_panel, share_panel


@delivery_panel
def steps_of_delivery(tx: Tx, _request: Request, delivery: Delivery) -> Panel | None:
    """How far the delivery has come; nothing for one that was withdrawn."""
    if delivery.state == "withdrawn":
        return None
    return Panel("payments/steps.html", 0, {"steps": steps_of(tx, delivery)})


@delivery_panel
def money_of_delivery(tx: Tx, request: Request, delivery: Delivery) -> Panel:
    """What is owed and paid, each payment, and the form to record one."""
    payments = repository.payments_of(tx, delivery.id)
    now = wiring_of(request).clock()
    today = now.date()
    parts = plan_of(tx, delivery.id)
    data = {
        "balance": parts.balance,
        "invoice": deliveries.invoice_of(tx, delivery.id),
        "rows": [(row, _money(row), _is_reversed(row, payments)) for row in payments],
        "today": today.isoformat(),
        "people": _people(tx, delivery, now),
        "notice": repository.notice_waiting(tx, delivery.id),
        "remind": can_remind(tx, delivery, parts),
        "planned": repository.planned_reminder(tx, delivery.id) if delivery.state == "held" else None,
        "parts": parts,
        "opens": _opens(tx, delivery, parts),
        "pay_next": parts.open_now,
    }
    return Panel("payments/delivery_panel.html", 20, data)


def _people(tx: Tx, delivery: Delivery, now: datetime) -> str:
    """Whom a release lets in: everybody who has a link that works, else the client."""
    names = dict.fromkeys(link.name for link in shares.live_links_of(tx, delivery.id, now))
    return ", ".join(names) or delivery.client_name


@share_panel
def money_of_link(tx: Tx, _request: Request, delivery: Delivery, link: ShareLink) -> Panel | None:
    """What is owed and how to pay it; after payment, that it came."""
    studio = accounts.studio(tx, delivery.studio_id)
    invoice, parts = deliveries.invoice_of(tx, delivery.id), plan_of(tx, delivery.id)
    owes = bool(parts.balance.open.minor) and owed_now(tx, delivery, parts)
    # With parts, what is to be paid now is the part that is due, under its own reference.
    amount, reference = parts.open_now, parts.due.row.reference if parts.due else invoice.reference
    data: dict[str, Any] = {
        "balance": parts.balance,
        "owes": owes,
        "amount": amount,
        "reference": reference,
        "due_on": invoice.due_on,
        "parts": parts,
        "opens": _opens(tx, delivery, parts),
        "payee": studio,
        "licence": delivery.state == "released" and accepted_through(tx, link, delivery, own=False) is not None,
        "next": _next(invoice),
        "qr": epc_qr(studio, amount, reference) if owes else "",
        "notice": repository.notice_waiting(tx, delivery.id) if owes else None,
        "bar": {"amount": amount, "due_on": invoice.due_on} if owes else None,
    }
    return Panel("payments/share_panel.html", 10, data)


def _opens(tx: Tx, delivery: Delivery, parts: Plan) -> dict[str, int]:
    """How many present files each part opens by itself."""
    if not any(part.row.opens == "chosen" for part in parts.parts):
        return {}
    return dict(Counter(opened_by for _id, _name, opened_by in repository.places_of(tx, delivery.id)))


def _next(invoice: Invoice) -> str:
    """What the client is asked to do while the originals are held."""
    if invoice.due_on is None:
        return _("Look at the previews and pay when you are content with them.")
    return _("Look at the previews and pay by %(day)s.") % {"day": shown_date(invoice.due_on)}


def _money(row: Payment) -> Money:
    return Money(row.amount_minor, row.currency)


def _is_reversed(row: Payment, rows: list[Payment]) -> bool:
    return any(other.reverses_id == row.id for other in rows)

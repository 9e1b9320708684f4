"""The receipt as a PDF: who was paid, by whom, what for, when, and under what licence the originals may be used."""

from __future__ import annotations

from dataclasses import dataclass

from service.accounts.models import Studio
from service.deliveries.models import Delivery, Invoice
from service.kit import translate
from service.kit.money import Money
from service.kit.translate import _, shown_date
from service.payments.invoice import Balance
from service.payments.models import Payment
from service.payments.sheet import SMALL, fact, heading, line, new_sheet


@dataclass(frozen=True)
class Paid:
    """What a receipt rests on. ``payments`` are those that count: in the invoice's currency, none reversed."""

    studio: Studio
    delivery: Delivery
    invoice: Invoice
    balance: Balance
    payments: list[Payment]


def receipt(paid: Paid) -> bytes:
    """The PDF, one or more A4 pages, in the current locale."""
    pdf = new_sheet(_("Receipt"), paid.studio.name, paid.payments[-1].recorded_at)
    for label, value in _facts(paid):
        fact(pdf, label, value)
    heading(pdf, _("Payments received"))
    for payment in paid.payments:
        amount = Money(payment.amount_minor, payment.currency).shown(translate.current())
        fact(pdf, shown_date(payment.received_on), amount)
    fact(pdf, _("Total"), paid.balance.paid.shown(translate.current()), bold=True)
    if paid.delivery.terms_text:
        heading(pdf, _("Terms and licence"))
        line(pdf, paid.delivery.terms_text, size=SMALL, height=5)
    return bytes(pdf.output())


def _facts(paid: Paid) -> list[tuple[str, str]]:
    payee = paid.studio.account_holder or paid.studio.name
    iban = [("IBAN", " ".join(paid.studio.iban[i : i + 4] for i in range(0, len(paid.studio.iban), 4)))]
    return [
        (_("Paid to"), payee),
        *(iban if paid.studio.iban else []),
        (_("Paid by"), paid.delivery.client_name),
        (_("For"), paid.delivery.title),
        (_("Payment reference"), paid.invoice.reference),
        (_("Agreed amount"), paid.balance.owed.shown(translate.current())),
    ]

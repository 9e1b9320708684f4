"""The receipt as a PDF: who was paid, by whom, what for, when, and under what licence the originals may be used.

fpdf2 (LGPL-3.0) draws it; the letters come from the DejaVu fonts we ship, embedded, so that every reader shows Latvian as
it is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from service.accounts.models import Studio
from service.deliveries.models import Delivery, Invoice
from service.kit import translate
from service.kit.money import Money
from service.kit.translate import _, shown_date
from service.payments.invoice import Balance
from service.payments.models import Payment
from watermark.visible.fonts import SHIPPED

_FONT, _SMALL, _BODY, _LARGE = "DejaVu", 9, 10.5, 20
_LABEL, _LINE = 55, 6.5  # mm


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
    pdf = FPDF()
    pdf.set_margin(22)
    pdf.set_auto_page_break(auto=True, margin=20)
    pdf.add_font(_FONT, "", str(SHIPPED / "DejaVuSans.ttf"))
    pdf.add_font(_FONT, "B", str(SHIPPED / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(paid.payments[-1].recorded_at)
    pdf.set_lang(translate.current())
    pdf.set_title(_("Receipt"))
    pdf.add_page()
    _line(pdf, _("Receipt"), size=_LARGE, bold=True, height=12)
    _line(pdf, paid.studio.name, size=12)
    pdf.ln(6)
    for label, value in _facts(paid):
        _fact(pdf, label, value)
    pdf.ln(4)
    _line(pdf, _("Payments received"), size=12, bold=True, height=9)
    for payment in paid.payments:
        amount = Money(payment.amount_minor, payment.currency).shown(translate.current())
        _fact(pdf, shown_date(payment.received_on), amount)
    _fact(pdf, _("Total"), paid.balance.paid.shown(translate.current()), bold=True)
    if paid.delivery.terms_text:
        pdf.ln(4)
        _line(pdf, _("Terms and licence"), size=12, bold=True, height=9)
        _line(pdf, paid.delivery.terms_text, size=_SMALL, height=5)
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


def _line(pdf: FPDF, text: str, *, size: float, bold: bool = False, height: float = _LINE) -> None:
    pdf.set_font(_FONT, "B" if bold else "", size)
    pdf.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _fact(pdf: FPDF, label: str, value: str, *, bold: bool = False) -> None:
    pdf.set_font(_FONT, "", _BODY)
    pdf.cell(_LABEL, _LINE, label)
    pdf.set_font(_FONT, "B" if bold else "", _BODY)
    pdf.multi_cell(0, _LINE, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

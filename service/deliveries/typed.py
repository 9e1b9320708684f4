"""What people and programs type for a delivery, turned into values or refused with the field's name."""

from __future__ import annotations

from datetime import date

from service.errors import BadInput
from service.kit.money import Money, NotMoney, known_currency
from service.kit.translate import N_


def agreed_amount(amount: str, currency: str) -> Money:
    """What the client shall pay, more than zero; raises BadInput for ``amount`` or ``currency``."""
    try:
        money = Money.parse(amount, currency)
    except NotMoney as error:
        field = "amount" if known_currency(currency.strip().upper()) else "currency"
        raise BadInput(str(error), field=field, code="not_money") from error
    if not money.minor:
        raise BadInput(N_("The amount must be more than zero."), field="amount", code="not_money")
    return money


def due_date(text: str) -> date | None:
    """The day typed as year-month-day, or None for an empty field; raises BadInput."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(N_("Write the date as year-month-day, such as 2026-03-31."), field="due_on") from error

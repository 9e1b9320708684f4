"""Amounts as people and programs type them, refused with our own error."""

from __future__ import annotations

from service.errors import BadInput
from service.kit.money import Money, NotMoney


def money_from(amount: str, currency: str) -> Money:
    """Money from text; raises BadInput that names the field."""
    try:
        return Money.parse(amount, currency)
    except NotMoney as error:
        field = "currency" if "currency code" in str(error) else "amount"
        raise BadInput(str(error), field=field, code="not_money") from error

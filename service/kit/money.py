"""Money: an exact amount in one currency, kept as whole minor units (ISO 4217)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, list_currencies

from service.kit.translate import N_

MAX_MINOR = 10**15
_PLAIN = re.compile(r"^\d{1,13}(\.\d{1,4})?$")


class NotMoney(ValueError):
    """The text or currency is not an amount of money; the words are fit for a person."""


def known_currency(code: str) -> bool:
    """Whether ``code`` is a three-letter currency code that is in use somewhere."""
    return code in list_currencies() and code in _current_currencies()


def _current_currencies() -> set[str]:
    """Codes with an open-ended use in some territory, from CLDR."""
    territories = get_global("territory_currencies")
    return {entry[0] for uses in territories.values() for entry in uses if entry[2] is None}


@dataclass(frozen=True, order=False)
class Money:
    """``minor`` whole minor units (cents) of ``currency`` (ISO 4217 code). May be negative in sums."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """From text such as ``"450.00"`` or ``"1 450,00"``; raises NotMoney with plain words."""
        code = currency.strip().upper()
        if not known_currency(code):
            raise NotMoney(N_("This is not a currency code we know, such as EUR."))
        text = amount.strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
        if "," in text and "." not in text:
            text = text.replace(",", ".")
        if not _PLAIN.match(text):
            raise NotMoney(N_("Write the amount as digits, such as 450.00."))
        return cls.exact(text, code)

    @classmethod
    def exact(cls, text: str, code: str) -> Money:
        """From a plain decimal text; refuses more decimals than the currency has."""
        digits = get_currency_precision(code)
        try:
            scaled = Decimal(text).scaleb(digits)
        except InvalidOperation as error:
            raise NotMoney(N_("Write the amount as digits, such as 450.00.")) from error
        if scaled != scaled.to_integral_value():
            raise NotMoney(N_("This amount has more decimals than its currency."))
        if not 0 <= scaled <= MAX_MINOR:
            raise NotMoney(N_("This amount is too large."))
        return cls(int(scaled), code)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def plain(self) -> str:
        """The amount as the API writes it: ``"450.00"``."""
        return f"{self.decimal:.{get_currency_precision(self.currency)}f}"

    def shown(self, locale: str) -> str:
        """The amount as a person in ``locale`` writes it: ``€450.00`` or ``450,00 €``."""
        return str(format_currency(self.decimal, self.currency, locale=locale))

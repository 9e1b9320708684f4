"""The QR code that banking apps read: a SEPA credit transfer by the European Payments Council's guideline EPC069-12."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from segno import helpers
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError

from service.accounts.models import Studio
from service.kit.money import Money

_LONGEST_NAME = 70
_MOST = 99_999_999_999  # minor units: 999,999,999.99 euros
_QUIET_ZONE = 4  # modules (ISO/IEC 18004)


def epc_qr(payee: Studio, amount: Money, reference: str) -> str:
    """An inline SVG, or "" where no code can be right: another currency than EUR, no valid IBAN, nothing to pay.

    segno does not check an IBAN, so that is done here. Black on white whatever the page's colours: scanners need it.
    """
    holder = (payee.account_holder or payee.name).strip()
    if amount.currency != "EUR" or not 0 < amount.minor <= _MOST or not holder or not _is_iban(payee.iban):
        return ""
    return _drawn(holder[:_LONGEST_NAME], payee.iban, amount.decimal, reference)


@lru_cache(maxsize=1024)
def _drawn(holder: str, iban: str, amount: Decimal, reference: str) -> str:
    """Kept: it was a quarter of a share page's time, and is the same each time the page is opened."""
    code = helpers.make_epc_qr(holder, iban, amount, reference=reference, encoding=1)
    return str(code.svg_inline(border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr-code"))


def _is_iban(text: str) -> bool:
    try:
        iban_number.validate(text)
    except ValidationError:
        return False
    return True

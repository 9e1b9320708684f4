"""Creditor references (ISO 11649): RF, two check digits, and a number that people can read out."""

from __future__ import annotations

import secrets

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

DIGITS = 9


def creditor_reference(number: str) -> str:
    """``RF`` + check digits (ISO 7064 mod 97-10 over number + RF) + ``number``."""
    return str(iso11649.validate(f"RF{mod_97_10.calc_check_digits(number + 'RF')}{number}"))


def random_number() -> str:
    """Nine random digits. The first is never 0: banks and spreadsheets drop leading zeros."""
    return str(secrets.choice(range(10 ** (DIGITS - 1), 10**DIGITS)))


def shown_reference(reference: str) -> str:
    """In groups of four, as it is printed: ``RF18 5390 0754 7034``."""
    return str(iso11649.format(reference))

"""Unguessable identifiers: a short prefix that says what it names, and 128 random bits."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u to misread
_LENGTH = 26
_SHAPE = re.compile(rf"[a-z]{{2,4}}_[{_ALPHABET}]{{{_LENGTH}}}")


def new_id(prefix: str) -> str:
    """A fresh id such as ``dlv_0h3…``: 26 base-32 characters carry 128 bits from the system's generator."""
    return spell(prefix, secrets.randbits(128))


def spell(prefix: str, number: int) -> str:
    """The id of that number, from 0 to 2**128; ids are in the order of their numbers."""
    digits = []
    for _ in range(_LENGTH):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return f"{prefix}_{''.join(reversed(digits))}"


def looks_like_id(text: str, prefix: str) -> bool:
    """Whether ``text`` has the shape of an id with this prefix (nothing about whether it exists)."""
    return text.startswith(f"{prefix}_") and _SHAPE.fullmatch(text) is not None

"""What is remembered of an error: its class and words, without addresses that could carry a secret."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

LONGEST = 500
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def blame(error: BaseException) -> str:
    """One line, at most 500 characters. A database error's parameters are left out: they are people's data."""
    words = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    words = _ADDRESS.sub("(address)", " ".join(words.split()))
    return f"{type(error).__name__}: {words}"[:LONGEST].rstrip(": ")

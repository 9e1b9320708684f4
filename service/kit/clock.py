"""Time, passed in so that rules stay pure and tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment as an aware datetime in UTC."""


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)

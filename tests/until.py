"""Waiting for something that another thread, process or machine does."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(holds: Callable[[], bool], seconds: float = 120.0, every: float = 0.05) -> None:
    """Returns once it holds; raises AssertionError when it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(every)

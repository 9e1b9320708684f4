"""Running a coroutine in a test, also beside a browser.

Playwright's synchronous side keeps an event loop running in the thread of the test session for as long as its browser
lives, and ``asyncio.run`` refuses a thread that has one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_in_own_loop(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine returns, or the exception it raises; its loop lives in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()

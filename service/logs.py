"""Structured logs: one event per line, with the request id, never a secret."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_NAMES = ("token", "secret", "password", "passphrase", "authorization", "cookie", "url")


def set_up_logs(form: str) -> None:
    """``form`` is ``json`` for machines or ``text`` for people. Other libraries' warnings are kept."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    last: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_secrets,
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blanks every value whose name says that it is secret."""
    for name in event:
        if any(word in name.lower() for word in SECRET_NAMES):
            event[name] = "(hidden)"
    return event

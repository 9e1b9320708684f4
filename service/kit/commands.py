"""Marks for command-line commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Callback = TypeVar("Callback", bound=Callable[..., Any])


def without_database(callback: Callback) -> Callback:
    """Marks the function of a command that needs no database at this version's tables (it works offline, restores
    one, or says what is wrong with one). All others find it migrated. Stands directly below ``@click.command``."""
    callback.__dict__["without_database"] = True
    return callback

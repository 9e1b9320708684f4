"""Addresses of our own pages."""

from __future__ import annotations

from urllib.parse import urlencode


def with_query(path: str, **asked: str) -> str:
    """``path`` asked for these things; what is empty is not asked."""
    words = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{words}" if words else path

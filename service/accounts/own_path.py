"""Where to go after signing in: only to a page of ours, whatever the address bar was made to say."""

from __future__ import annotations

import re

_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # printable ASCII, no space, no backslash, not a second slash


def own_path(text: str, fallback: str = "/deliveries") -> str:
    """``text`` if it is a path on this site (``/…``, not ``//…``, no backslash or control character, at most 500
    characters) that is not about signing in or out; else ``fallback``."""
    if len(text) > 500 or not _OURS.fullmatch(text) or text.startswith(("/sign-in", "/sign-out")) or text == "/":
        return fallback
    return text

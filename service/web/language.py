"""The language of a reader who is not signed in: what they chose (``?lang=``, then kept in a cookie), else what their
browser prefers (Accept-Language, RFC 9110), else English.

A signed-in member's own setting, and a delivery's language for a client who chose nothing, go before the browser's.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import cookie_parser
from starlette.types import Scope

from service.kit import translate

_YEAR = 365 * 86400


def language_of(scope: Scope, headers: dict[bytes, bytes], *, secure: bool) -> tuple[str | None, str]:
    """The language that this reader chose, or None; and the Set-Cookie value that keeps a new choice, or ``""``.

    ``request.state.language_chosen`` has the first of the two."""
    name = "__Host-tillpaid_lang" if secure else "tillpaid_lang"
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]
    if asked in translate.LOCALES:
        bound = "; Secure" if secure else ""
        return asked, f"{name}={asked}; Max-Age={_YEAR}; Path=/; SameSite=Lax; HttpOnly{bound}"
    kept = cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get(name)
    return (kept, "") if kept in translate.LOCALES else (None, "")


def preferred(headers: dict[bytes, bytes]) -> str:
    """What the browser asks for, else English."""
    return translate.best_of(headers.get(b"accept-language", b"").decode("latin-1")) or translate.DEFAULT

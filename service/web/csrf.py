"""Cross-site request forgery: the browser's own word first (Sec-Fetch-Site, Origin), then a signed double-submit token.

The token is a signature over a random cookie, so a page of ours can make it and nobody else can, signed in or not.
Forms carry it in the field ``csrf``; scripts in the header ``X-CSRF-Token``; a streamed upload, whose form must not
be read first, in the query parameter ``csrf``.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response

from service.errors import Forbidden
from service.kit.tokens import BadToken, Signer
from service.kit.translate import N_

PURPOSE = "csrf"


def cookie_name(request: Request, name: str) -> str:
    """``__Host-tillpaid_<name>`` on https, where browsers honour the prefix; the plain name on http."""
    prefix = "__Host-" if request.app.state.wiring.settings.web.secure else ""
    return f"{prefix}tillpaid_{name}"


def set_cookie(request: Request, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Sets one of our cookies: HttpOnly, SameSite=Lax, whole site, Secure on https."""
    secure = request.app.state.wiring.settings.web.secure
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Removes one of our cookies."""
    secure = request.app.state.wiring.settings.web.secure
    response.delete_cookie(cookie_name(request, name), path="/", secure=secure, httponly=True, samesite="lax")


def csrf_token(request: Request) -> str:
    """The token for this browser; remembers on ``request.state`` that a new cookie has to be set."""
    seed = request.cookies.get(cookie_name(request, PURPOSE)) or getattr(request.state, "new_csrf", None)
    if not seed:
        seed = request.state.new_csrf = secrets.token_urlsafe(24)
    return str(request.app.state.wiring.signer.sign(PURPOSE, seed))


async def check_csrf(request: Request, signer: Signer) -> None:
    """Raises Forbidden unless the request comes from a page of ours."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden(N_("This form was sent from another site, so nothing was done."), code="cross_site")
    _check_origin(request)
    seed = request.cookies.get(cookie_name(request, PURPOSE), "")
    try:
        inside = signer.read(PURPOSE, await _sent_token(request))
    except BadToken:
        inside = None
    if not seed or not isinstance(inside, str) or not hmac.compare_digest(inside.encode(), seed.encode()):
        raise Forbidden(
            N_(
                "This form is out of date or cookies are off, so nothing was done. Please go back, reload the page and try again."
            ),
            code="csrf",
        )


def _check_origin(request: Request) -> None:
    """Where the browser names the page a form came from, it must be one of ours. Under our own Referrer-Policy,
    no-referrer, browsers name it ``null`` (Fetch standard, "append a request Origin header"): that says nothing, and
    Sec-Fetch-Site and the token decide."""
    origin = request.headers.get("origin")
    if origin is None or origin == "null":
        return
    ours = {urlsplit(request.app.state.wiring.settings.web.base_url).netloc, request.headers.get("host", "")}
    if urlsplit(origin).netloc not in ours:
        raise Forbidden(N_("This form was sent from another site, so nothing was done."), code="cross_site")


async def _sent_token(request: Request) -> str:
    """The token as a header, a query parameter, or a field of an already buffered urlencoded or multipart form."""
    sent = request.headers.get("x-csrf-token") or request.query_params.get("csrf")
    if sent or not hasattr(request, "_body"):
        return sent or ""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return (parse_qs((await request.body()).decode("utf-8", "replace")).get(PURPOSE) or [""])[0]
    if kind.startswith("multipart/form-data"):
        return str((await request.form()).get(PURPOSE) or "")
    return ""

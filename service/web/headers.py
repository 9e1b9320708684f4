"""Headers on every answer, a request id, the caller's address, and one log line per request (plain ASGI)."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kit import translate
from service.settings import WebSettings
from service.web.language import language_of, preferred
from service.web.metrics import REQUESTS, SECONDS

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FIXED = {
    b"content-security-policy": CSP.encode(),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
    b"x-robots-tag": b"noindex, nofollow",
}
_SECRET_PATH = re.compile(r"^/(s|d|sign-in)/[^/]+")
log = structlog.get_logger("request")


class Envelope:
    """Wraps the application: what is here holds for every answer, errors and static files included."""

    def __init__(self, app: ASGIApp, settings: WebSettings, on_error: Callable[[Request], Response]) -> None:
        self.app = app
        self.on_error = on_error
        self.settings = settings
        self.proxies = settings.proxies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["address"] = caller_address(scope, headers, self.proxies)
        state["request_id"] = request_id = secrets.token_hex(8)
        chosen, cookie = language_of(scope, headers, secure=self.settings.secure)
        state["language_chosen"] = chosen
        translate.begin(chosen or preferred(headers))
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(message["headers"], request_id)
                if cookie:
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._answer(scope, receive, send_with_headers)
            finally:
                _note(scope, status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the application; an error that nobody foresaw gets its answer here, inside the envelope, because the
        framework would send its own past these headers. An answer that had begun is cut off instead."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            log.error("unexpected", exc_info=error)
            if begun:
                raise
            await self.on_error(Request(scope))(scope, receive, send)

    def _headers(self, given: Any, request_id: str) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in given}
        extra = [(name, value) for name, value in _FIXED.items() if name not in present]
        if b"cache-control" not in present:
            extra.append((b"cache-control", b"private, no-store"))
        if self.settings.secure:
            extra.append((b"strict-transport-security", b"max-age=31536000"))
        return [*given, *extra, (b"x-request-id", request_id.encode())]


def caller_address(scope: Scope, headers: dict[bytes, bytes], proxies: list[Any]) -> str:
    """The caller's address: the connection's, or, behind configured proxies only, the last hop in
    X-Forwarded-For that is not one of them."""
    client = scope.get("client")
    address = client[0] if client else "unknown"
    hops = [h.strip() for h in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if h.strip()]
    while hops and _among(address, proxies):
        address = hops.pop()
    return address[:64]


def _among(address: str, networks: list[Any]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _note(scope: Scope, status: int, seconds: float) -> None:
    """One log line and the metrics. Paths that carry a token are cut before it."""
    route = scope.get("route")
    template = getattr(route, "path", "unmatched")
    if scope["path"].startswith("/api/v1/") and not template.startswith("/api/"):
        template = f"/api/v1{template}"  # an included router's routes know only their own part
    path = _SECRET_PATH.sub(r"/\1/…", scope["path"])
    REQUESTS.labels(scope["method"], template, str(status)).inc()
    SECONDS.labels(template).observe(seconds)
    log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))

"""Where a browser goes when a page refuses because the last proof of who asks is too old."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.routing import Match

from service.web.templates import redirect

CODE = "prove_again"


def to_prove_again(request: Request, words: str) -> RedirectResponse:
    """To the page that sends a fresh link, which leads back to the page that the refused form stands on."""
    return redirect(request, f"/sign-in/again?next={quote(page_above(request))}", flash=words, kind="problem")


def page_above(request: Request) -> str:
    """The nearest address at or above the request's that a browser can open (a form's own address often is none)."""
    path = request.url.path.rstrip("/")
    while path:
        scope = {**request.scope, "method": "GET", "path": path}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            return path
        path = path.rpartition("/")[0]
    return "/"

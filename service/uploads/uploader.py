"""Who may upload: a program by its token, or a member's own page by the session, then with the page's CSRF token."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.accounts.who import Who, bearer, member_of_session
from service.db import Tx
from service.errors import SignInNeeded
from service.kit import translate
from service.kit.translate import N_
from service.web.boundary import SAFE, wiring_of
from service.web.csrf import check_csrf
from service.wiring import Wiring


async def check_page(request: Request) -> None:
    """Raises Forbidden when a request without a token, which a cookie may carry, does not come from a page of ours."""
    if request.method not in SAFE and "authorization" not in request.headers:
        await check_csrf(request, wiring_of(request).signer)


async def uploader(request: Request) -> Who:
    """Whoever asks; raises SignInNeeded or Forbidden, before a byte of the body was read."""
    who = await run_in_threadpool(_who, request, wiring_of(request))
    await check_page(request)
    translate.use(request.state.language_chosen or who.member.locale)
    return who


def _who(request: Request, wiring: Wiring) -> Who:
    with wiring.db.read() as tx:
        return _found(request, tx, wiring)


def _found(request: Request, tx: Tx, wiring: Wiring) -> Who:
    if "authorization" in request.headers:
        return bearer(request, tx, wiring)
    who = member_of_session(request, tx, wiring)
    if who is None:
        raise SignInNeeded(N_("Send a valid API token as Authorization: Bearer."), code="token_needed")
    return who

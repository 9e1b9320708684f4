"""Who is asking: dependencies that turn a cookie or a bearer token into a member and their studio.

Every query of the domains takes ``who.studio.id``; a row of another studio is simply not found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from service.accounts import repository
from service.accounts.models import Member, Studio, WebSession
from service.errors import SignInNeeded
from service.kit import translate
from service.kit.translate import N_
from service.web.boundary import SAFE, Answered, TxDep, WiringDep
from service.web.csrf import cookie_name
from service.web.problems import wants_page

SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Who:
    """A member acting for their studio. ``session`` is None for API tokens."""

    member: Member
    studio: Studio
    session: WebSession | None = None

    @property
    def actor(self) -> str:
        """How audit events name them."""
        return f"member:{self.member.id}"


def secret_hash(secret: str) -> str:
    """How secrets of 256 random bits are kept: SHA-256 is enough where guessing is hopeless."""
    return hashlib.sha256(secret.encode()).hexdigest()


def member_of_session(request: Request, tx: TxDep, wiring: WiringDep) -> Who | None:
    """Whoever is signed in by cookie, or None."""
    secret = request.cookies.get(cookie_name(request, "session"))
    found = repository.session_by_secret(tx, secret_hash(secret), wiring.clock()) if secret else None
    if found is None:
        return None
    session, member, studio = found
    now = wiring.clock()
    if request.method not in SAFE and now - session.seen_at >= SEEN_EVERY:
        session.seen_at = now  # only in requests that write anyway, and seldom: reading stays reading
    request.state.member, request.state.studio = member, studio
    translate.use(request.state.language_chosen or member.locale)
    return Who(member, studio, session)


def signed_in(request: Request, who: Annotated[Who | None, Depends(member_of_session)]) -> Who:
    """Whoever is signed in by cookie; a browser that is not is led to the sign-in page."""
    if who is not None:
        return who
    if wants_page(request) and request.method == "GET":
        raise Answered(RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303))
    raise SignInNeeded


def bearer(request: Request, tx: TxDep, wiring: WiringDep) -> Who:
    """Whoever holds the API token in ``Authorization: Bearer``; raises SignInNeeded."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and secret:
        found = repository.api_token_by_secret(tx, secret_hash(secret.strip()))
    if found is None:
        raise SignInNeeded(N_("Send a valid API token as Authorization: Bearer."), code="token_needed")
    token, member, studio = found
    now = wiring.clock()
    if request.method not in SAFE and (token.used_at is None or now - token.used_at >= SEEN_EVERY):
        token.used_at = now
    translate.use(member.locale)
    return Who(member, studio)


SignedIn = Annotated[Who, Depends(signed_in)]
"""For pages: a member with a session."""

MaybeSignedIn = Annotated[Who | None, Depends(member_of_session)]
"""For pages that anybody may see."""

Bearer = Annotated[Who, Depends(bearer)]
"""For the API: a member with a token."""

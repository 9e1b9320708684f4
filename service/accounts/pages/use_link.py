"""The page behind a one-time link: looking changes nothing, the button signs in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from service.accounts.models import Member, SignInLink
from service.accounts.pages.wrong import wrong
from service.accounts.use_link import FirstRun, SignedInBy, look_at_link, use_link
from service.accounts.who import MaybeSignedIn, member_of_session
from service.errors import BadInput, Conflict, Gone, TillpaidError
from service.kit import translate
from service.kit.translate import _
from service.throttle.throttle import throttle
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.csrf import set_cookie
from service.web.problems import shown, wants_page
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]


@router.get("/sign-in/{secret}", dependencies=[Depends(member_of_session)])
def look(request: Request, tx: TxDep, wiring: WiringDep, secret: str) -> Response:
    """Shows the button (on the first run, a short form). Never consumes the link: mail scanners open links too."""
    try:
        link, member = look_at_link(tx, wiring, secret)
    except Gone as error:
        return _over(request, error)
    return _page(request, link, member, FirstRun(locale=translate.current()))


@router.post("/sign-in/{secret}")
def use(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: MaybeSignedIn,
    secret: str,
    email: Field = "",
    studio_name: Field = "",
    locale: Field = "",
) -> Response:
    """Consumes the link and signs this browser in with a new session."""
    throttle(tx, wiring, "sign_in.use", request.state.address, limit=60, window=timedelta(minutes=20))
    typed = FirstRun(email, studio_name, translate.known(locale or translate.current()))
    try:
        done = use_link(tx, wiring, secret, agent=request.headers.get("user-agent", ""), who=who, first_run=typed)
    except Gone as error:
        return _over(request, error)
    except (BadInput, Conflict) as error:
        link, member = look_at_link(tx, wiring, secret)
        return _page(request, link, member, typed, error)
    return _signed_in(request, wiring, done)


def _page(
    request: Request, link: SignInLink, member: Member | None, typed: FirstRun, error: TillpaidError | None = None
) -> Response:
    return render(
        request,
        "accounts/first_run.html" if member is None else "accounts/use_link.html",
        status=error.status if error else 200,
        link=link,
        address=member.email if member else "",
        typed=typed,
        wrong=wrong(error),
    )


def _signed_in(request: Request, wiring: WiringDep, done: SignedInBy) -> Response:
    words = {"new_email": _("Your e-mail address is changed."), "first_run": _("Welcome. Please look these over.")}
    response = redirect(request, done.next_path, flash=words.get(done.purpose, ""))
    set_cookie(request, response, "session", done.secret, max_age=wiring.settings.web.session_days * 86400)
    return response


def _over(request: Request, error: Gone) -> Response:
    """A plain page with the way to a new link; programs get the error itself."""
    if not wants_page(request):
        raise error
    return render(request, "accounts/link_over.html", status=error.status, words=shown(error))

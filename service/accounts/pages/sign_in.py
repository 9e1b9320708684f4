"""Asking for a sign-in link, proving again, signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from service.accounts.ask_link import MINUTES, ask_link, send_link
from service.accounts.own_path import own_path
from service.accounts.pages.wrong import wrong
from service.accounts.sessions import end_session
from service.accounts.who import MaybeSignedIn, SignedIn, member_of_session, signed_in
from service.errors import BadInput
from service.kit.translate import _
from service.throttle.throttle import throttle
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.csrf import drop_cookie
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]


@router.get("/sign-in")
def ask(request: Request, who: MaybeSignedIn, next: str = "") -> Response:  # noqa: A002 - its name in the address
    """The form that asks for an e-mail address."""
    if who:
        return redirect(request, own_path(next))
    return render(request, "accounts/sign_in.html", next=own_path(next), email="", wrong=wrong())


@router.post("/sign-in")
def send(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    email: Field = "",
    next: Field = "",  # noqa: A002
) -> Response:
    """Sends a link if the address is a member's. The answer is the same if it is not."""
    try:
        ask_link(tx, wiring, email=email, caller=request.state.address, next_path=next)
    except BadInput as error:
        return render(
            request, "accounts/sign_in.html", status=422, next=own_path(next), email=email, wrong=wrong(error)
        )
    return redirect(request, "/sign-in/sent")


@router.get("/sign-in/sent", dependencies=[Depends(member_of_session)])
def sent(request: Request, wiring: WiringDep) -> Response:
    """Says to look into the mailbox, or on the terminal where no e-mail leaves."""
    mailed = bool(wiring.settings.mail.smtp_url)
    return render(request, "accounts/sign_in_sent.html", minutes=MINUTES, mailed=mailed)


@router.get("/sign-in/again", dependencies=[Depends(signed_in)])
def ask_again(request: Request, next: str = "") -> Response:  # noqa: A002
    """Explains why a fresh proof is needed, with the button that sends the link."""
    return render(request, "accounts/prove_again.html", next=own_path(next))


@router.post("/sign-in/again")
def send_again(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, next: Field = "") -> Response:  # noqa: A002
    """Sends the member a fresh link; using it is the proof, and leads back to ``next``."""
    throttle(tx, wiring, "sign_in.again", who.member.id, limit=5, window=timedelta(minutes=20))
    send_link(tx, wiring, who.member, next)
    return redirect(request, "/sign-in/sent")


@router.post("/sign-out")
def sign_out(request: Request, tx: TxDep, wiring: WiringDep, who: MaybeSignedIn) -> Response:
    """Ends this browser's session."""
    if who and who.session:
        end_session(tx, wiring, who, who.session.id)
    response = redirect(request, "/sign-in", flash=_("You are signed out."))
    drop_cookie(request, response, "session")
    return response

"""Settings: where the member is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.accounts import repository
from service.accounts.browser_name import browser_name
from service.accounts.sessions import end_other_sessions, end_session
from service.accounts.who import SignedIn
from service.kit.translate import _, ngettext
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)


@router.get("/settings/sessions")
def show(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn) -> Response:
    """The browsers that are signed in, this one marked."""
    sessions = repository.live_sessions(tx, who.member.id, wiring.clock())
    own = who.session.id if who.session else ""
    return render(request, "accounts/settings/sessions.html", sessions=sessions, own=own, browser_name=browser_name)


@router.post("/settings/sessions/end-others")
def end_others(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn) -> Response:
    """Signs out everywhere but here."""
    count = end_other_sessions(tx, wiring, who)
    words = ngettext("%(num)s other browser is signed out.", "%(num)s other browsers are signed out.", count)
    return redirect(request, "/settings/sessions", flash=words % {"num": count})


@router.post("/settings/sessions/{session_id}/end")
def end(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, session_id: str) -> Response:
    """Signs one browser out."""
    end_session(tx, wiring, who, session_id)
    return redirect(request, "/settings/sessions", flash=_("That browser is signed out."))

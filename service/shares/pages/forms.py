"""The studio's forms for links: make one, revoke one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.errors import BadInput, TillpaidError
from service.kit.translate import N_, _
from service.shares.issue_link import issue_link
from service.shares.issued_words import issued_words
from service.shares.link_end import end_of
from service.shares.revoke_link import revoke_link
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Text = Annotated[str, Form(max_length=400)]


@router.post("/deliveries/{delivery_id}/links")
def make_link(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    name: Text = "",
    email: Text = "",
    expires_on: Text = "",
    passphrase: Text = "",
    announce: Text = "",
) -> Response:
    """A new link; with ``announce`` it is e-mailed at once."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    try:
        link = issue_link(
            tx,
            wiring,
            delivery=delivery,
            name=name,
            email=email,
            expires_at=_end(expires_on, who.studio.timezone),
            passphrase=passphrase,
            actor=who.actor,
            announce=announce == "yes",
        )
    except BadInput as error:
        typed = {"name": name, "email": email, "expires_on": expires_on, "announce": announce == "yes"}
        return _again(request, delivery, typed, error)
    words = issued_words(wiring, link, announced=announce == "yes")
    return redirect(request, f"/deliveries/{delivery.id}#links", flash=words)


@router.post("/links/{link_id}/revoke")
def revoke(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, link_id: str) -> Response:
    """The link opens nothing from now on."""
    link = revoke_link(tx, wiring, studio_id=who.studio.id, link_id=link_id, actor=who.actor)
    words = _("The link for %(name)s is revoked. Nothing opens through it any more.") % {"name": link.name}
    return redirect(request, f"/deliveries/{link.delivery_id}#links", flash=words)


def _end(text: str, zone: str) -> datetime | None:
    """The end of the day that was typed, or None for an empty field; raises BadInput."""
    if not text.strip():
        return None
    try:
        return end_of(date.fromisoformat(text.strip()), zone)
    except (ValueError, OverflowError) as error:
        raise BadInput(N_("Write the date as year-month-day, such as 2026-03-31."), field="expires_at") from error


def _again(request: Request, delivery: Delivery, typed: dict[str, object], error: TillpaidError) -> Response:
    errors = {error.field or "": shown(error)}
    return render(request, "shares/issue.html", status=422, delivery=delivery, typed=typed, errors=errors)

"""The outbox: what was sent in the studio's name, what waits, and what did not get through."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from service.accounts.who import SignedIn
from service.kit.translate import _
from service.notify import repository
from service.notify.channel import reason_told
from service.notify.models import OutboxMessage
from service.notify.outbox import SECRET_KINDS
from service.notify.send_again import may_send_again, send_again
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
AT_ONCE = 50


@router.get("/outbox")
def outbox_page(
    request: Request, tx: TxDep, who: SignedIn, after: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Newest first, fifty on a page."""
    found = repository.messages_of(tx, who.studio.id, after=after, limit=AT_ONCE + 1)
    following = f"/outbox?after={found[AT_ONCE - 1].id}" if len(found) > AT_ONCE else ""
    return render(
        request,
        "outbox/outbox.html",
        rows=[_shown(row) for row in found[:AT_ONCE]],
        zone=who.studio.timezone,
        first="/outbox" if after else "",
        following=following,
    )


def _shown(row: OutboxMessage) -> dict[str, object]:
    """What the page reads. A sign-in link opens an account: its text is shown to nobody, not even to its studio."""
    body = None if row.kind in SECRET_KINDS else row.body
    return {"message": row, "body": body, "again": may_send_again(row), "why": reason_told(row.error)}


@router.post("/outbox/again")
def outbox_again(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, message: Annotated[str, Form(max_length=64)]
) -> Response:
    """Tries a message again that could not be sent."""
    row = send_again(tx, wiring, who.studio.id, message)
    return redirect(request, "/outbox", flash=_("“%(subject)s” is on its way again.") % {"subject": row.subject})

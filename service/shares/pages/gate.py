"""What stands before the previews: a passphrase, and the terms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.errors import BadInput, Conflict, Forbidden
from service.kit.translate import N_, _
from service.shares.accept_terms import accept_terms
from service.shares.address import path_of, token_of
from service.shares.open_link import open_link
from service.shares.pages.share import passphrase_page, share_page
from service.shares.unlock_link import keep_unlocked, try_passphrase
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect

router = APIRouter(route_class=PageRoute)
Text = Annotated[str, Form(max_length=400)]


@router.post("/s/{token}/passphrase")
def give_passphrase(request: Request, tx: TxDep, wiring: WiringDep, token: str, passphrase: Text = "") -> Response:
    """The passphrase; once it fits, this browser is let in."""
    opened = open_link(tx, wiring, token, request=request, need="page")
    if not try_passphrase(tx, wiring, opened.link, passphrase, address=request.state.address):
        words = _("This is not the passphrase. Please check it with whoever sent you the link.")
        return passphrase_page(request, wiring, opened, status=422, problem=words)
    response = redirect(request, path_of(token_of(wiring, opened.link)))
    keep_unlocked(request, response, wiring, opened.link)
    return response


@router.post("/s/{token}/terms")
def give_terms(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    token: str,
    text_sha256: Text = "",
    name: Text = "",
    agreed: Text = "",
) -> Response:
    """The client's acceptance of the text that stood on the page."""
    opened = open_link(tx, wiring, token, request=request, need="page")
    if not opened.unlocked:
        raise Forbidden(N_("This link asks for a passphrase first."), code="passphrase_needed")
    address = request.state.address
    try:
        accept_terms(tx, wiring, opened, name=name, agreed=agreed == "yes", text_sha256=text_sha256, address=address)
    except (BadInput, Conflict) as error:
        return share_page(request, tx, wiring, opened, status=error.status, error=error, typed=name)
    path = path_of(token_of(wiring, opened.link))
    return redirect(request, f"{path}#previews", flash=_("Thank you. The previews are open."))

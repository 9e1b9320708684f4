"""Settings: API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts import repository
from service.accounts.api_tokens import create_api_token, revoke_api_token
from service.accounts.pages.wrong import wrong
from service.accounts.prove import is_proved
from service.accounts.who import SignedIn, Who
from service.db import Tx
from service.errors import BadInput, Conflict, TillpaidError
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]


@router.get("/settings/tokens")
def show(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn) -> Response:
    """The live tokens and the form for a new one."""
    return _page(request, tx, wiring, who)


@router.post("/settings/tokens")
def create(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, label: Field = "") -> Response:
    """Makes a token and shows it this once: it is in this page only, in no address and no cookie."""
    try:
        secret = create_api_token(tx, wiring, who, label)
    except (BadInput, Conflict) as error:
        return _page(request, tx, wiring, who, label=label, error=error)
    return _page(request, tx, wiring, who, secret=secret)


@router.post("/settings/tokens/{token_id}/revoke")
def revoke(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, token_id: str) -> Response:
    """Ends a token at once."""
    revoke_api_token(tx, wiring, who, token_id)
    return redirect(request, "/settings/tokens", flash=_("The token is revoked."))


def _page(
    request: Request,
    tx: Tx,
    wiring: Wiring,
    who: Who,
    *,
    secret: str = "",
    label: str = "",
    error: TillpaidError | None = None,
) -> Response:
    return render(
        request,
        "accounts/settings/tokens.html",
        status=error.status if error else 200,
        tokens=repository.api_tokens(tx, who.member.id),
        secret=secret,
        label=label,
        wrong=wrong(error),
        proved=is_proved(who, wiring.clock()),
    )

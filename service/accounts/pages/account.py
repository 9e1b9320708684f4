"""Settings: the member's own name, language and e-mail address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.change_account import change_account
from service.accounts.change_email import ask_new_email
from service.accounts.pages.wrong import wrong
from service.accounts.prove import is_proved
from service.accounts.who import SignedIn, Who
from service.errors import BadInput
from service.kit import translate
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.csrf import set_cookie
from service.web.templates import redirect, render
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]


@router.get("/settings/account")
def show(request: Request, wiring: WiringDep, who: SignedIn) -> Response:
    """Both forms: about you, and your address."""
    return _page(request, wiring, who)


@router.post("/settings/account")
def save(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, name: Field = "", locale: Field = ""
) -> Response:
    """Keeps name and language."""
    try:
        change_account(tx, wiring, who, name=name, locale=locale)
    except BadInput as error:
        return _page(request, wiring, who, error, name=name, locale=locale)
    translate.use(locale)
    response = redirect(request, "/settings/account", flash=_("Saved."))
    set_cookie(request, response, "lang", locale, max_age=365 * 86400)  # else an earlier choice would go before it
    return response


@router.post("/settings/account/email")
def change_address(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, email: Field = "") -> Response:
    """Sends a confirming link to the new address; needs a fresh proof of who asks."""
    try:
        ask_new_email(tx, wiring, who, email)
    except BadInput as error:
        return _page(request, wiring, who, error, email=email)
    words = _("If the address is free, a link is on its way to it. The change is made when you open that link here.")
    return redirect(request, "/settings/account", flash=words)


def _page(request: Request, wiring: Wiring, who: Who, error: BadInput | None = None, **typed: str) -> Response:
    known = {"name": who.member.name, "locale": who.member.locale, "email": ""}
    return render(
        request,
        "accounts/settings/account.html",
        status=error.status if error else 200,
        typed={**known, **typed},
        wrong=wrong(error),
        proved=is_proved(who, wiring.clock()),
    )

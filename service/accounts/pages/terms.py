"""Settings: the terms clients are asked to accept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.change_terms import change_terms
from service.accounts.pages.wrong import wrong
from service.accounts.terms import built_in_terms
from service.accounts.who import SignedIn
from service.errors import BadInput
from service.kit.translate import LOCALES, _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]
TEMPLATE = "accounts/settings/terms.html"


@router.get("/settings/terms")
def show(request: Request, who: SignedIn) -> Response:
    """Whether terms are asked for, and their text."""
    return _page(request, who.studio.ask_terms, who.studio.terms_text)


@router.post("/settings/terms")
def save(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, ask_terms: Field = "", terms_text: Field = ""
) -> Response:
    """Keeps the choice for new deliveries."""
    try:
        change_terms(tx, wiring, who, ask=ask_terms == "yes", text=terms_text)
    except BadInput as error:
        return _page(request, ask_terms == "yes", terms_text, error)
    return redirect(request, "/settings/terms", flash=_("Saved."))


def _page(request: Request, ask: bool, text: str, error: BadInput | None = None) -> Response:
    built_in = [(locale, built_in_terms(locale)) for locale in LOCALES]
    status = error.status if error else 200
    return render(request, TEMPLATE, status=status, ask=ask, text=text, built_in=built_in, wrong=wrong(error))

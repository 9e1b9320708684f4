"""Settings: where clients pay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.change_bank_details import BankDetails, change_bank_details, iban_shown
from service.accounts.pages.wrong import wrong
from service.accounts.prove import is_proved
from service.accounts.who import SignedIn
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Field = Annotated[str, Form()]
TEMPLATE = "accounts/settings/getting_paid.html"


@router.get("/settings/getting-paid")
def show(request: Request, wiring: WiringDep, who: SignedIn) -> Response:
    """The bank details, and whether they can be changed without proving again."""
    studio = who.studio
    typed = BankDetails(studio.account_holder, iban_shown(studio.iban), studio.bic, studio.payment_note)
    return render(request, TEMPLATE, typed=typed, wrong=wrong(), proved=is_proved(who, wiring.clock()))


@router.post("/settings/getting-paid")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    account_holder: Field = "",
    iban: Field = "",
    bic: Field = "",
    payment_note: Field = "",
) -> Response:
    """Keeps the bank details; needs a fresh proof of who asks."""
    typed = BankDetails(account_holder, iban, bic, payment_note)
    try:
        change_bank_details(tx, wiring, who, typed)
    except BadInput as error:
        return render(request, TEMPLATE, status=422, typed=typed, wrong=wrong(error), proved=True)
    return redirect(request, "/settings/getting-paid", flash=_("Saved."))

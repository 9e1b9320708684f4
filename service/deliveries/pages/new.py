"""The form that agrees a delivery."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn
from service.deliveries.create import MAX_NOTE, NewDelivery, create_delivery
from service.deliveries.typed import agreed_amount, due_date
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
Text = Annotated[str, Form(max_length=400)]


@router.get("/deliveries/new")
def new_delivery(request: Request, who: SignedIn) -> Response:
    """The empty form, with the studio's usual currency, language and terms."""
    typed = {
        "currency": who.studio.currency,
        "locale": who.studio.locale,
        "ask_terms": "yes" if who.studio.ask_terms else "",
    }
    return _form(request, typed, {})


@router.post("/deliveries/new")
def make_delivery(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    title: Text = "",
    client_name: Text = "",
    client_email: Text = "",
    amount: Text = "",
    currency: Text = "",
    due_on: Text = "",
    locale: Text = "",
    note: Annotated[str, Form(max_length=4 * MAX_NOTE)] = "",
    ask_terms: Text = "",
) -> Response:
    """A draft; what cannot be used is said beside its field, and what was typed is kept."""
    typed = {
        "title": title,
        "client_name": client_name,
        "client_email": client_email,
        "amount": amount,
        "currency": currency,
        "due_on": due_on,
        "locale": locale,
        "note": note,
        "ask_terms": ask_terms,
    }
    try:
        new = NewDelivery(
            title=title,
            client_name=client_name,
            client_email=client_email,
            amount=agreed_amount(amount, currency),
            due_on=due_date(due_on),
            locale=locale,
            note=note,
            ask_terms=ask_terms == "yes",
        )
        delivery = create_delivery(tx, wiring, who, new)
    except BadInput as error:
        return _form(request, typed, {error.field or "": shown(error)}, status=422)
    return redirect(request, f"/deliveries/{delivery.id}", flash=_("The delivery is agreed. Now add the files."))


def _form(request: Request, typed: dict[str, str], errors: dict[str, str], *, status: int = 200) -> Response:
    return render(request, "deliveries/new.html", status=status, typed=typed, errors=errors)

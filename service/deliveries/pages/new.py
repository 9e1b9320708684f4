"""The form that agrees a delivery."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field

from service.accounts.who import SignedIn
from service.deliveries.begin import begin_delivery
from service.deliveries.create import MAX_NOTE, NewDelivery, create_delivery
from service.deliveries.typed import agreed_amount, due_date
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)


@router.get("/deliveries/new")
def new_delivery(request: Request, who: SignedIn) -> Response:
    """The empty form, with the studio's usual currency, language and terms."""
    typed = {
        "currency": who.studio.currency,
        "locale": who.studio.locale,
        "ask_terms": "yes" if who.studio.ask_terms else "",
    }
    return _form(request, typed, {})


@router.post("/deliveries/begin")
def begin(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn) -> Response:
    """A place for the files at once; the details are filled in while they are on their way."""
    return redirect(request, f"/deliveries/{begin_delivery(tx, wiring, who).id}")


class Typed(BaseModel):
    """The form as it was sent."""

    title: str = Field(default="", max_length=400)
    client_name: str = Field(default="", max_length=400)
    client_email: str = Field(default="", max_length=400)
    amount: str = Field(default="", max_length=400)
    currency: str = Field(default="", max_length=400)
    due_on: str = Field(default="", max_length=400)
    locale: str = Field(default="", max_length=400)
    note: str = Field(default="", max_length=4 * MAX_NOTE)
    ask_terms: str = Field(default="", max_length=400)
    csrf: str = ""

    def wanted(self) -> NewDelivery:
        """What it asks for; raises BadInput that names the field."""
        return NewDelivery(
            title=self.title,
            client_name=self.client_name,
            client_email=self.client_email,
            amount=agreed_amount(self.amount, self.currency),
            due_on=due_date(self.due_on),
            locale=self.locale,
            note=self.note,
            ask_terms=self.ask_terms == "yes",
        )


@router.post("/deliveries/new")
def make_delivery(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, typed: Annotated[Typed, Form()]
) -> Response:
    """A draft; what cannot be used is said beside its field, and what was typed is kept."""
    try:
        delivery = create_delivery(tx, wiring, who, typed.wanted())
    except BadInput as error:
        return _form(request, typed.model_dump(), {error.field or "": shown(error)}, status=422)
    return redirect(request, f"/deliveries/{delivery.id}", flash=_("The delivery is agreed. Now add the files."))


def _form(request: Request, typed: dict[str, str], errors: dict[str, str], *, status: int = 200) -> Response:
    return render(request, "deliveries/new.html", status=status, typed=typed, errors=errors)

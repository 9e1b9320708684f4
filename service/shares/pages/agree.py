"""The details of a begun delivery, and with them, if that is wished, the link to the client: one press for both."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn, Who
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.agree import agree_delivery
from service.deliveries.models import Delivery
from service.deliveries.pages.new import Typed
from service.deliveries.pages.show import show_delivery
from service.errors import BadInput, Conflict
from service.kit.translate import N_, _
from service.shares.issue_link import issue_link
from service.shares.issued_words import issued_words
from service.uploads import repository as uploads
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)


class TypedToAgree(Typed):
    """The form, and what shall follow: ``send`` also makes the client's link and sends it."""

    then: str = ""


@router.post("/deliveries/{delivery_id}/agree")
def agree(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    typed: Annotated[TypedToAgree, Form()],
) -> Response:
    """Keeps the details; what cannot be used is said beside its field, and what was typed is kept."""
    page = f"/deliveries/{delivery_id}"
    try:
        if typed.then == "send":
            _check_can_send(tx, wiring, who, delivery_id)
        delivery = agree_delivery(tx, wiring, who, delivery_id, typed.wanted())
    except BadInput as error:
        delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
        errors = {error.field or "": shown(error)}
        return show_delivery(request, tx, who, delivery, status=422, typed=typed.model_dump(), errors=errors)
    except Conflict as error:
        return redirect(request, page, flash=shown(error), kind="problem")
    if typed.then != "send":
        return redirect(request, page, flash=_("The details are saved."))
    return redirect(request, f"{page}#links", flash=_send(tx, wiring, who, delivery))


def _check_can_send(tx: Tx, wiring: Wiring, who: Who, delivery_id: str) -> None:
    """Files are there or on their way. Nothing is kept of a press that could not be done whole."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
    coming = uploads.unfinished(tx, who.studio.id, delivery.id, wiring.clock())
    if not coming and not deliveries.count_assets(tx, delivery.id).total:
        raise BadInput(N_("Add at least one file before you send the link, or save the details only."), field="")


def _send(tx: Tx, wiring: Wiring, who: Who, delivery: Delivery) -> str:
    by_mail = bool(delivery.client_email)
    link = issue_link(tx, wiring, delivery=delivery, name=delivery.client_name, actor=who.actor, announce=by_mail)
    return issued_words(wiring, link, announced=by_mail)

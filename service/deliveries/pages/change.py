"""The delivery page's small forms: details, withdrawing, and each asset's own buttons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository
from service.deliveries.create import MAX_NOTE
from service.deliveries.edit import edit_delivery
from service.deliveries.pages.show import show_delivery
from service.deliveries.remove_asset import remove_asset
from service.deliveries.retry_asset import retry_asset
from service.deliveries.typed import due_date
from service.deliveries.withdraw import withdraw
from service.errors import BadInput, Conflict
from service.kit.translate import _
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect

router = APIRouter(route_class=PageRoute)
Text = Annotated[str, Form(max_length=400)]


@router.post("/deliveries/{delivery_id}/edit")
def edit(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    title: Text = "",
    due_on: Text = "",
    note: Annotated[str, Form(max_length=4 * MAX_NOTE)] = "",
) -> Response:
    """Title, message and due date."""
    try:
        edit_delivery(tx, wiring, who, delivery_id, title=title, note=note, due_on=due_date(due_on))
    except BadInput as error:
        delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
        typed = {"title": title, "note": note, "due_on": due_on}
        errors = {error.field or "": shown(error)}
        return show_delivery(request, tx, who, delivery, status=422, typed=typed, errors=errors)
    except Conflict as error:
        return _refused(request, delivery_id, error)
    return redirect(request, f"/deliveries/{delivery_id}", flash=_("The details are saved."))


@router.post("/deliveries/{delivery_id}/withdraw")
def withdraw_delivery(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str) -> Response:
    """Its links open nothing from now on."""
    try:
        withdraw(tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, actor=who.actor)
    except Conflict as error:
        return _refused(request, delivery_id, error)
    words = _("The delivery is withdrawn. Its links open nothing any more.")
    return redirect(request, f"/deliveries/{delivery_id}", flash=words)


@router.post("/deliveries/{delivery_id}/assets/{asset_id}/remove")
def remove(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, asset_id: str) -> Response:
    """Takes one asset out."""
    try:
        asset = remove_asset(
            tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, asset_id=asset_id, actor=who.actor
        )
    except Conflict as error:
        return _refused(request, delivery_id, error)
    words = _("%(name)s was taken out.") % {"name": asset.filename}
    undo = f"/deliveries/{delivery_id}/assets/{asset_id}/restore"
    return redirect(request, f"/deliveries/{delivery_id}#files", flash=words, undo=undo)


@router.post("/deliveries/{delivery_id}/assets/{asset_id}/retry")
def retry(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, asset_id: str) -> Response:
    """Tries one asset's previews again."""
    try:
        asset = retry_asset(tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, asset_id=asset_id)
    except Conflict as error:
        return _refused(request, delivery_id, error)
    words = _("The previews of %(name)s are being made again.") % {"name": asset.filename}
    return redirect(request, f"/deliveries/{delivery_id}#files", flash=words)


def _refused(request: Request, delivery_id: str, error: Conflict) -> Response:
    return redirect(request, f"/deliveries/{delivery_id}", flash=shown(error), kind="problem")

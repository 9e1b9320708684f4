"""Deleting a delivery, bringing back what was deleted, and doing one thing to several files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository
from service.deliveries.change_many import change_many
from service.deliveries.delete import delete_delivery, restore_delivery
from service.deliveries.restore_asset import restore_asset
from service.deliveries.undo import UNDO
from service.errors import BadInput, Conflict
from service.kit.translate import _, ngettext
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
AT_ONCE = 50
DONE = {
    "final": lambda count: ngettext(
        "%(count)d file is finished work now.", "%(count)d files are finished work now.", count
    ),
    "source": lambda count: ngettext("%(count)d file is a source now.", "%(count)d files are sources now.", count),
    "retry": lambda count: ngettext(
        "The preview of %(count)d file is being made again.",
        "The previews of %(count)d files are being made again.",
        count,
    ),
    "remark": lambda count: ngettext(
        "%(count)d file is being marked anew.", "%(count)d files are being marked anew.", count
    ),
    "remove": lambda count: ngettext("%(count)d file was taken out.", "%(count)d files were taken out.", count),
}


@router.get("/deliveries/deleted")
def deleted_page(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, after: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """What was deleted not long ago, with a button to bring each back."""
    since = wiring.clock() - UNDO
    found = repository.deleted_since(tx, who.studio.id, since, limit=AT_ONCE + 1, after=after or None)
    rows = [{"delivery": row, "until": row.deleted_at + UNDO} for row in found[:AT_ONCE] if row.deleted_at]
    following = f"/deliveries/deleted?after={found[AT_ONCE - 1].id}" if len(found) > AT_ONCE else ""
    first = "/deliveries/deleted" if after else ""
    return render(request, "deliveries/deleted.html", rows=rows, first=first, following=following, days=UNDO.days)


@router.post("/deliveries/{delivery_id}/delete")
def delete(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str) -> Response:
    """It can be brought back for a while, also from the message that says so."""
    try:
        delivery = delete_delivery(tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, actor=who.actor)
    except Conflict as error:
        return redirect(request, f"/deliveries/{delivery_id}", flash=shown(error), kind="problem")
    words = _("“%(title)s” was deleted.") % {"title": delivery.title or _("New delivery")}
    return redirect(request, "/deliveries", flash=words, undo=f"/deliveries/{delivery_id}/restore")


@router.post("/deliveries/{delivery_id}/restore")
def restore(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str) -> Response:
    """The delivery as it was."""
    try:
        restore_delivery(tx, wiring, studio_id=who.studio.id, delivery_id=delivery_id, actor=who.actor)
    except Conflict as error:
        return redirect(request, "/deliveries/deleted", flash=shown(error), kind="problem")
    return redirect(request, f"/deliveries/{delivery_id}", flash=_("The delivery is back as it was."))


@router.post("/deliveries/{delivery_id}/assets/{asset_id}/restore")
def restore_one(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    asset_id: str,
    together: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """A file that was taken out is in again; with ``together`` all that went with it."""
    page = f"/deliveries/{delivery_id}"
    try:
        back = restore_asset(
            tx,
            wiring,
            studio_id=who.studio.id,
            delivery_id=delivery_id,
            asset_id=asset_id,
            together=together == "yes",
            actor=who.actor,
        )
    except Conflict as error:
        return redirect(request, page, flash=shown(error), kind="problem")
    words = ngettext("%(count)d file is back.", "%(count)d files are back.", len(back)) % {"count": len(back)}
    return redirect(request, f"{page}#files", flash=words)


@router.post("/deliveries/{delivery_id}/assets/many")
def many(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    action: Annotated[str, Form(max_length=20)] = "",
    asset: Annotated[list[str] | None, Form(max_length=2000)] = None,
) -> Response:
    """One thing done to every file that was chosen."""
    page = f"/deliveries/{delivery_id}"
    try:
        changed = change_many(
            tx,
            wiring,
            studio_id=who.studio.id,
            delivery_id=delivery_id,
            asset_ids=list(dict.fromkeys(asset or [])),
            action=action,
            actor=who.actor,
        )
    except (BadInput, Conflict) as error:
        return redirect(request, f"{page}#files", flash=shown(error), kind="problem")
    words = DONE[action](len(changed)) % {"count": len(changed)} if changed else _("Nothing was changed.")
    undo = f"{page}/assets/{changed[0].id}/restore?together=yes" if changed and action == "remove" else ""
    return redirect(request, f"{page}#files", flash=words, undo=undo)

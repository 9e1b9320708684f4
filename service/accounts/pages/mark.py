"""Settings: the visible mark. Saving it marks all previews anew."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from service.accounts.change_mark import MOST_TEXT, Mark, change_mark, preview_recipe
from service.accounts.pages.logo_route import LogoRoute
from service.accounts.pages.wrong import wrong
from service.accounts.who import SignedIn
from service.errors import BadInput
from service.kit.translate import _
from service.web.boundary import TxDep, WiringDep
from service.web.templates import redirect, render
from watermark.recipe import MAX_LOGO_BYTES

router = APIRouter(route_class=LogoRoute)
Field = Annotated[str, Form()]


@router.get("/settings/mark")
def show(request: Request, who: SignedIn) -> Response:
    """The mark's form, with a picture of the mark as it is."""
    studio = who.studio
    return _page(request, Mark(studio.mark_text, studio.mark_strength, studio.mark_delivery), who.studio.mark_logo)


@router.post("/settings/mark")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    text: Field = "",
    strength: Field = "",
    delivery: Field = "",
    drop_logo: Field = "",
    action: Field = "save",
    logo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keeps the mark; with ``action=preview`` (the button for browsers without scripts) only shows it."""
    data = logo.file.read(MAX_LOGO_BYTES + 1) if logo and action == "save" else b""
    chosen = Mark(text, strength, delivery == "yes", data or None, drop_logo == "yes")
    try:
        if action == "preview":
            preview_recipe(who.studio, chosen)
            return _page(request, chosen, who.studio.mark_logo)
        if request.state.logo_fault:
            raise request.state.logo_fault
        changed = change_mark(tx, wiring, who, chosen)
    except BadInput as error:
        return _page(request, chosen, who.studio.mark_logo, error)
    words = _("Saved. All previews are being marked anew; clients see them as they are ready.")
    return redirect(request, "/settings/mark", flash=words if changed else _("Nothing was changed."))


def _page(request: Request, chosen: Mark, present_logo: bytes | None, error: BadInput | None = None) -> Response:
    query = {"text": chosen.text, "strength": chosen.strength, "delivery": "yes" if chosen.delivery else ""}
    return render(
        request,
        "accounts/settings/mark.html",
        status=error.status if error else 200,
        chosen=chosen,
        has_logo=present_logo is not None,
        most_text=MOST_TEXT,
        preview="" if error else f"/settings/mark/preview.jpg?{urlencode(query)}",
        wrong=wrong(error),
    )

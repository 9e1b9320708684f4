"""Settings: the studio's colour and logo, as clients see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from service.accounts.change_look import change_look
from service.accounts.pages.logo_route import LogoRoute
from service.accounts.pages.wrong import wrong
from service.accounts.who import SignedIn
from service.errors import BadInput, NotFound
from service.kit.colours import ink_on, is_colour, readable
from service.kit.translate import _
from service.web.boundary import TxDep, WiringDep
from service.web.templates import redirect, render
from watermark.recipe import MAX_LOGO_BYTES

router = APIRouter(route_class=LogoRoute)
OURS = "#1d5c57"
PAPERS = {"light": "#ffffff", "dark": "#1b1e1f"}
"""The grounds that the colour is seen on, in light and dark."""


@router.get("/settings/look")
def show(request: Request, who: SignedIn) -> Response:
    """The form, with a small picture of the client's page in this colour, in light and dark."""
    return _page(request, who.studio.colour, who.studio.logo_sha256, who.studio.hide_names)


@router.get("/settings/logo.png")
def logo_of_the_studio(who: SignedIn) -> Response:
    """The studio's own logo; clients get it by their link."""
    if not who.studio.logo:
        raise NotFound
    return Response(who.studio.logo, media_type="image/png")


@router.post("/settings/look")
def save(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    colour: Annotated[str, Form(max_length=40)] = "",
    ours: Annotated[str, Form(max_length=10)] = "",
    drop_logo: Annotated[str, Form(max_length=10)] = "",
    hide_names: Annotated[str, Form(max_length=10)] = "",
    logo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keeps both; ``ours`` goes back to Tillpaid's colour."""
    data = logo.file.read(MAX_LOGO_BYTES + 1) if logo else b""
    try:
        if request.state.logo_fault:
            raise request.state.logo_fault
        chosen = "" if ours == "yes" else colour
        changed = change_look(
            tx,
            wiring,
            who,
            colour=chosen,
            logo=data or None,
            drop_logo=drop_logo == "yes",
            hide_names=hide_names == "yes",
        )
    except BadInput as error:
        return _page(request, colour, who.studio.logo_sha256, hide_names == "yes", error)
    return redirect(request, "/settings/look", flash=_("Saved.") if changed else _("Nothing was changed."))


def _page(request: Request, colour: str, logo: str, hide_names: bool, error: BadInput | None = None) -> Response:
    shown = colour if is_colour(colour) else OURS
    grounds = [
        {"name": name, "paper": paper, "accent": accent, "ink": ink_on(accent)}
        for name, paper in PAPERS.items()
        for accent in (readable(shown, paper),)
    ]
    return render(
        request,
        "accounts/settings/look.html",
        status=error.status if error else 200,
        colour=colour or OURS,
        own=bool(colour),
        logo=logo,
        hide_names=hide_names,
        grounds=grounds,
        wrong=wrong(error),
    )

"""The studio's colour and logo, by the client's link."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.errors import Forbidden, NotFound
from service.kit.translate import N_
from service.shares.look import style_of
from service.shares.open_link import OpenedLink, open_link
from service.web.boundary import PageRoute, TxDep, WiringDep

router = APIRouter(route_class=PageRoute)
KEPT = {"Cache-Control": "private, max-age=86400"}
"""Their addresses change with them."""


@router.get("/s/{token}/look.css")
def look(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The colour as a style sheet: the pages' policy allows no style in the page itself."""
    opened = _unlocked(request, tx, wiring, token)
    return Response(style_of(opened.studio.colour), media_type="text/css", headers=KEPT)


@router.get("/s/{token}/logo.png")
def logo(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The logo; 404 where there is none."""
    opened = _unlocked(request, tx, wiring, token)
    if not opened.studio.logo:
        raise NotFound
    return Response(opened.studio.logo, media_type="image/png", headers=KEPT)


def _unlocked(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> OpenedLink:
    opened = open_link(tx, wiring, token, request=request, need="page")
    if not opened.unlocked:
        raise Forbidden(N_("This link asks for a passphrase first."), code="passphrase_needed")
    return opened

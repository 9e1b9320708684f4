"""Two versions of one preview beside each other: the newest, and the one before it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset
from service.errors import NotFound
from service.previews import repository as previews
from service.previews.serve import number_in_path
from service.shares import repository
from service.shares.address import path_of, token_of
from service.shares.open_link import open_link
from service.shares.pages.frame import frame
from service.shares.tiles import Picture, picture_of
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import render

router = APIRouter(route_class=PageRoute)


@router.api_route("/s/{token}/compare/{asset_id}/{page}", methods=["GET", "HEAD"])
def compare(request: Request, tx: TxDep, wiring: WiringDep, token: str, asset_id: str, page: str) -> Response:
    """Both pictures; with a script also one over the other, with a slider between them."""
    opened = open_link(tx, wiring, token, request=request, need="previews")
    number, path = number_in_path(page), path_of(token_of(wiring, opened.link))
    newest = deliveries.asset_of(tx, opened.delivery.id, asset_id)
    before = deliveries.version_before(tx, opened.delivery.id, newest.id)
    pictures = [_picture(tx, asset, number, path) for asset in (before, newest) if asset is not None]
    if before is None or None in pictures:
        raise NotFound
    return render(
        request,
        "shares/compare.html",
        **frame(opened, path),
        place=repository.place_of(tx, opened.link, newest) + 1,
        versions=list(zip((before, newest), pictures, strict=True)),
        back=f"{path}/view/{newest.id}/{number}",
    )


def _picture(tx: Tx, asset: Asset, number: int, path: str) -> Picture | None:
    proofs = previews.pages_of(tx, [asset.id]).get(asset.id, []) if asset.state == "ready" else []
    return next((picture_of(asset.id, proof, path) for proof in proofs if proof.page == number), None)

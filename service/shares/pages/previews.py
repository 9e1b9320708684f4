"""Preview pictures, and the page that shows one of them large without JavaScript."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset
from service.errors import NotFound
from service.previews import repository as previews
from service.previews.models import Proof
from service.previews.recipe_for import recipe_for
from service.previews.render import Ask, StudioView
from service.previews.serve import number_in_path, serve_preview
from service.previews.serve_clip import AskClip, serve_clip
from service.shares import repository
from service.shares.address import path_of, token_of
from service.shares.models import ShareLink
from service.shares.open_link import OpenedLink, open_link
from service.shares.pages.frame import frame
from service.shares.pages.share import WINDOW
from service.shares.tiles import PlayedClip, is_document, picture_of, played_clip
from service.web.boundary import PageRoute, TxDep, WiringDep, own_transactions
from service.web.panels import panels_for
from service.web.templates import render

router = APIRouter(route_class=PageRoute)


@router.api_route("/s/{token}/previews/{asset_id}/{page}/{size}", methods=["GET", "HEAD"])
@own_transactions
async def preview(request: Request, wiring: WiringDep, token: str, asset_id: str, page: str, size: str) -> Response:
    """One marked rendition, the link's own; to the studio itself the one that names no link. Nothing in its headers comes
    from the original; a cache must ask each time, and only the reader's own may keep it."""
    number, side = number_in_path(page), number_in_path(size)

    def find(tx: Tx) -> Ask:
        opened = open_link(tx, wiring, token, request=request, need="previews")
        viewer = StudioView(opened.delivery.id) if opened.own else opened.link
        return Ask(viewer, asset_id, number, side)

    return await serve_preview(request, wiring, find, f"preview-{number}-{side}")


@router.api_route("/s/{token}/previews/{asset_id}/clip", methods=["GET", "HEAD"])
@own_transactions
async def clip(request: Request, wiring: WiringDep, token: str, asset_id: str) -> Response:
    """The marked clip of a film or a sound, whole or by range; 404 while there is none."""

    def find(tx: Tx) -> AskClip:
        opened = open_link(tx, wiring, token, request=request, need="previews")
        return AskClip(StudioView(opened.delivery.id) if opened.own else opened.link, asset_id)

    return await serve_clip(request, wiring, find)


@router.api_route("/s/{token}/view/{asset_id}/{page}", methods=["GET", "HEAD"])
def view(request: Request, tx: TxDep, wiring: WiringDep, token: str, asset_id: str, page: str) -> Response:
    """One picture as large as the window, with the way to the previous and the next."""
    opened = open_link(tx, wiring, token, request=request, need="previews")
    number = number_in_path(page)
    asset = deliveries.asset_of(tx, opened.delivery.id, asset_id)
    proofs = previews.pages_of(tx, [asset.id]).get(asset.id, []) if asset.state == "ready" else []
    made = next((proof for proof in proofs if proof.page == number), None)
    if not proofs or (made is None and number > asset.pages_shown):
        raise NotFound
    # A page that was never made has the shape of the first, until its picture, which is asked for by the page, is there.
    shown = made or replace_page(proofs[0], number)
    path = path_of(token_of(wiring, opened.link))
    place = repository.place_of(tx, opened.link, asset) + 1
    return render(
        request,
        "shares/view.html",
        **frame(opened, path),
        picture=picture_of(asset.id, shown, path),
        clip=_clip(tx, opened, asset, path) if number == 1 else None,
        asset_page=number,
        asset_pages=max(asset.pages_shown, len(proofs)) if is_document(asset) else 0,
        being_made=made is None,
        place=place,
        total=deliveries.count_assets(tx, opened.delivery.id).total,
        panels=panels_for("view", tx, request, opened.delivery, opened.link, asset, number),
        back=f"{path}?page={-(-place // WINDOW)}#a-{asset.id}",
        version=asset.version,
        compare=f"{path}/compare/{asset.id}/{number}" if _comparable(tx, asset, number) else "",
        previous=_beside(tx, opened.link, asset, proofs, number, path, forward=False),
        next=_beside(tx, opened.link, asset, proofs, number, path, forward=True),
    )


def _clip(tx: Tx, opened: OpenedLink, asset: Asset, path: str) -> PlayedClip | None:
    """What there is to play of it, if it is marked by the recipe in force."""
    digest = recipe_for(opened.studio, opened.delivery).digest()
    kept = previews.clip_in(tx, opened.delivery.id, asset.id, digest)
    return played_clip(kept, asset.id, path) if kept else None


def _comparable(tx: Tx, asset: Asset, number: int) -> bool:
    """Whether the version before this one has that page too."""
    before = deliveries.version_before(tx, asset.delivery_id, asset.id) if asset.version > 1 else None
    return (
        before is not None and before.state == "ready" and previews.has_page(tx, asset.delivery_id, before.id, number)
    )


def replace_page(first: Proof, number: int) -> Proof:
    """A stand-in for a page that is still to be made; it is in no database."""
    return Proof(page=number, width=first.width, height=first.height)


def _beside(
    tx: Tx, link: ShareLink, asset: Asset, proofs: list[Proof], number: int, path: str, *, forward: bool
) -> str:
    """The address of the picture before or after page ``number``: of this asset, or of the nearest with one; "" at
    the end."""
    other = number + (1 if forward else -1)
    if 1 <= other <= max(asset.pages_shown, len(proofs)):
        return f"{path}/view/{asset.id}/{other}"
    beside = repository.neighbour_of(tx, link, asset, forward=forward)
    return f"{path}/view/{beside[0]}/{beside[1]}" if beside else ""

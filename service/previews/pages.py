"""The marked pictures, as the client sees them, on the studio's own pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.accounts.who import member_of_session
from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import SignInNeeded
from service.previews.render import Ask, StudioView
from service.previews.serve import number_in_path, serve_preview
from service.previews.serve_clip import AskClip, serve_clip
from service.web.boundary import PageRoute, WiringDep, own_transactions

router = APIRouter(route_class=PageRoute)


@router.api_route("/deliveries/{delivery_id}/previews/{asset_id}/{page}/{size}", methods=["GET", "HEAD"])
@own_transactions
async def preview(
    request: Request, wiring: WiringDep, delivery_id: str, asset_id: str, page: str, size: str
) -> Response:
    """One marked picture, without a link's forensic mark; a placeholder while there is none."""
    number, side = number_in_path(page), number_in_path(size)

    def find(tx: Tx) -> Ask:
        who = member_of_session(request, tx, wiring)
        if who is None:
            raise SignInNeeded
        delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
        return Ask(StudioView(delivery.id), asset_id, number, side)

    return await serve_preview(request, wiring, find, f"preview-{number}-{side}")


@router.api_route("/deliveries/{delivery_id}/previews/{asset_id}/clip", methods=["GET", "HEAD"])
@own_transactions
async def clip(request: Request, wiring: WiringDep, delivery_id: str, asset_id: str) -> Response:
    """The marked clip of a film or a sound, as the client can play it; 404 while there is none."""

    def find(tx: Tx) -> AskClip:
        who = member_of_session(request, tx, wiring)
        if who is None:
            raise SignInNeeded
        delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
        return AskClip(StudioView(delivery.id), asset_id)

    return await serve_clip(request, wiring, find)

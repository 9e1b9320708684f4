"""The marked pictures, as the client sees them, on the studio's own pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository as deliveries
from service.errors import NotFound
from service.previews.render import StudioView, rendition_for
from service.web.boundary import PageRoute, TxDep, WiringDep

router = APIRouter(route_class=PageRoute)


@router.api_route("/deliveries/{delivery_id}/previews/{asset_id}/{page}/{size}", methods=["GET", "HEAD"])
def preview(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, asset_id: str, page: str, size: str
) -> Response:
    """One marked rendition; a placeholder while there is none."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
    picture = rendition_for(tx, wiring, StudioView(delivery.id), asset_id, _number(page), _number(size))
    headers = {"ETag": picture.etag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    if request.headers.get("if-none-match") == picture.etag:
        return Response(status_code=304, headers=headers)
    return Response(picture.bytes, media_type=picture.media_type, headers=headers)


def _number(text: str) -> int:
    """A positive number written plainly; anything else names nothing."""
    if not (text.isascii() and text.isdigit() and len(text) < 6) or text.startswith("0"):
        raise NotFound
    return int(text)

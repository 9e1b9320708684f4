"""The marked pages of an asset as one PDF, to look at away from the page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import Conflict, NotFound
from service.kit.translate import N_
from service.previews.render import Ask, StudioView
from service.previews.serve import marked_bytes
from service.shares.open_link import open_link
from service.web.boundary import PageRoute, WiringDep, own_transactions
from watermark import PROOF_SIDE

router = APIRouter(route_class=PageRoute)
SOON = 5


@router.api_route("/s/{token}/previews/{asset_id}/pdf", methods=["GET", "HEAD"])
@own_transactions
async def pdf(request: Request, wiring: WiringDep, token: str, asset_id: str) -> Response:
    """Made of what the same link is shown as pictures. While a page is still to be made, 409: it is begun by asking."""
    pages = await run_in_threadpool(_pages, request, wiring, token, asset_id)
    pictures = [await _page(request, wiring, token, asset_id, number) for number in range(1, pages + 1)]
    whole = [picture for picture in pictures if picture is not None]
    if len(whole) < pages:
        raise Conflict(
            N_("This preview is still being made. Please try again in a moment."), code="not_ready", retry_after=SOON
        )
    from service.previews.preview_pdf import preview_pdf  # noqa: PLC0415 - pypdf loads where a PDF is written

    content = await run_in_threadpool(preview_pdf, whole)
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="preview.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _pages(request: Request, wiring: WiringDep, token: str, asset_id: str) -> int:
    """How many it has; raises NotFound for what has no preview, and what ``open_link`` raises."""
    with wiring.db.read() as tx:
        opened = open_link(tx, wiring, token, request=request, need="previews")
        asset = deliveries.asset_of(tx, opened.delivery.id, asset_id)
        if asset.state != "ready":
            raise NotFound
        return asset.pages_shown


async def _page(request: Request, wiring: WiringDep, token: str, asset_id: str, number: int) -> bytes | None:
    def find(tx: Tx) -> Ask:
        opened = open_link(tx, wiring, token, request=request, need="previews")
        viewer = StudioView(opened.delivery.id) if opened.own else opened.link
        return Ask(viewer, asset_id, number, PROOF_SIDE)

    return await marked_bytes(request, wiring, find)

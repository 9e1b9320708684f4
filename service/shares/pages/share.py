"""The share page: what this is, what is owed, what happens next, and the previews."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import TillpaidError
from service.previews import repository as previews
from service.previews.recipe_for import recipe_for
from service.shares import repository
from service.shares.address import path_of, token_of
from service.shares.link_end import shown_end
from service.shares.note_view import note_view
from service.shares.open_link import OpenedLink, check_gates, open_link
from service.shares.pages.frame import frame
from service.shares.share_answer import share_answer
from service.shares.terms_hash import terms_sha256
from service.shares.tiles import Tile, tiles_of
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.panels import Panel, panels_for
from service.web.problems import shown
from service.web.templates import STATIC, render
from service.wiring import Wiring

router = APIRouter(route_class=PageRoute)
WINDOW = 60
"""Assets on one page; a program gets more at once."""
PROGRAM_WINDOW = 500


@router.api_route("/s/{token}", methods=["GET", "HEAD"])
def share(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The page; with ``Accept: application/json`` the same for programs."""
    opened = open_link(tx, wiring, token, request=request, need="page")
    as_json = wants_json(request)
    if as_json:
        check_gates(opened)
    if not opened.unlocked:
        return passphrase_page(request, wiring, opened, status=403)
    if request.method == "GET":
        note_view(tx, wiring, opened, address=request.state.address, agent=request.headers.get("user-agent", ""))
    return _answer(request, tx, wiring, opened) if as_json else share_page(request, tx, wiring, opened)


def share_page(
    request: Request,
    tx: Tx,
    wiring: Wiring,
    opened: OpenedLink,
    *,
    status: int = 200,
    error: TillpaidError | None = None,
    typed: str = "",
) -> Response:
    """The page of an unlocked link; ``error`` and ``typed`` are of a terms form that was not accepted."""
    token = token_of(wiring, opened.link)
    path, delivery = path_of(token), opened.delivery
    counts = deliveries.count_assets(tx, delivery.id)
    pages = max(1, -(-counts.total // WINDOW))
    page = min(pages, page_asked(request))
    tiles = _tiles(tx, opened, path, (page - 1) * WINDOW, WINDOW) if opened.terms_accepted else []
    response = render(
        request,
        "shares/share.html",
        status=status,
        **frame(opened, path),
        token=token,
        invoice=deliveries.invoice_of(tx, delivery.id),
        ends=shown_end(opened.link.expires_at, opened.studio.timezone),
        counts=counts,
        tiles=tiles,
        page=page,
        pages=pages,
        panels=_panels(request, tx, opened),
        terms_sha256=terms_sha256(delivery.terms_text),
        problem=(error.field or "form", shown(error)) if error else None,
        typed=typed,
        gallery=has_gallery(),
    )
    response.headers["Vary"] = "Accept, Cookie"
    return response


def _panels(request: Request, tx: Tx, opened: OpenedLink) -> list[Panel]:
    """In order while the originals are held; once they are released, downloads stand before money."""
    panels = panels_for("share", tx, request, opened.delivery, opened.link)
    return panels[::-1] if opened.delivery.state == "released" else panels


def passphrase_page(
    request: Request, wiring: Wiring, opened: OpenedLink, *, status: int, problem: str = ""
) -> Response:
    """Asks for the passphrase and tells nothing of what lies behind it."""
    path = path_of(token_of(wiring, opened.link))
    return render(
        request, "shares/passphrase.html", status=status, studio=None, member=None, path=path, problem=problem
    )


def _answer(request: Request, tx: Tx, wiring: Wiring, opened: OpenedLink) -> Response:
    path = path_of(token_of(wiring, opened.link))
    page, total = page_asked(request), deliveries.count_assets(tx, opened.delivery.id).total
    tiles = _tiles(tx, opened, path, (page - 1) * PROGRAM_WINDOW, PROGRAM_WINDOW)
    more = f"{path}?page={page + 1}" if page * PROGRAM_WINDOW < total else None
    invoice = deliveries.invoice_of(tx, opened.delivery.id)
    body = share_answer(opened, invoice, tiles, path=path, total=total, next_page=more)
    return JSONResponse(body, headers={"Vary": "Accept, Cookie"})


def _tiles(tx: Tx, opened: OpenedLink, path: str, offset: int, limit: int) -> list[Tile]:
    assets = repository.window_of(tx, opened.link, offset, limit)
    ids = [asset.id for asset in assets]
    proofs, digest = previews.pages_of(tx, ids), recipe_for(opened.studio, opened.delivery).digest()
    return tiles_of(
        assets,
        proofs,
        clips={key: clip for key, clip in previews.clips_of(tx, ids).items() if clip.recipe_digest == digest},
        path=path,
        first=offset + 1,
        released=opened.delivery.state == "released",
        opened_by=deliveries.opened_by_instalments(tx, opened.delivery.id),
        hide_names=opened.studio.hide_names,
        digest=digest,
    )


def page_asked(request: Request) -> int:
    """``?page=``, from 1; anything that is no such number is 1."""
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def wants_json(request: Request) -> bool:
    """Whether a program asks: for JSON, and not for a page."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def has_gallery() -> bool:
    """Whether the full-screen viewer's files were fetched; the page works without them."""
    return (STATIC / "vendor" / "photoswipe" / "photoswipe.css").is_file()

"""One delivery: where it stands, who acts next, what is in it, and the panels of the other domains."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from service.accounts.who import SignedIn, Who
from service.audit.repository import latest_of_delivery, run_before
from service.db import Tx
from service.deliveries import repository
from service.deliveries.media import has_clip, is_film
from service.deliveries.models import Asset, Delivery, Invoice
from service.deliveries.next_step import next_action, next_step
from service.deliveries.reasons import MAY_PASS, note_texts, reason_text
from service.deliveries.reference import shown_reference
from service.deliveries.timeline import ADDED, Told, tell
from service.deliveries.undo import UNDO
from service.kit.addresses import with_query
from service.kit.names import safe_name
from service.kit.translate import N_
from service.settings import MIB
from service.web.boundary import PageRoute, TxDep, WiringDep, wiring_of
from service.web.panels import asset_filters, panels_for
from service.web.templates import render
from service.wiring import Wiring
from storage.blobstore import CHUNK, BlobStore

router = APIRouter(route_class=PageRoute)
AT_ONCE = 48
EVENTS = 50
STUCK_SECONDS = 15 * 60
ALL, FAILED = N_("All files"), N_("Failed")


@router.get("/deliveries/{delivery_id}")
def delivery_page(
    request: Request,
    tx: TxDep,
    who: SignedIn,
    delivery_id: str,
    after: Annotated[str, Query(max_length=64)] = "",
    show: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The delivery, with as many of its assets as fit on a page; with ``show`` those of one kind."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
    return show_delivery(request, tx, who, delivery, after=after, show=show)


def show_delivery(
    request: Request,
    tx: Tx,
    who: Who,
    delivery: Delivery,
    *,
    after: str = "",
    show: str = "",
    status: int = 200,
    upload_problem: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """The page, also when a form on it was not accepted: with its message beside the form and what was typed kept."""
    invoice = repository.invoice_of(tx, delivery.id)
    return render(
        request,
        "deliveries/show.html",
        status=status,
        delivery=delivery,
        upload_problem=upload_problem,
        typed=typed or _typed(delivery, invoice),
        errors=errors or {},
        panels=panels_for("delivery", tx, request, delivery),
        timeline=_timeline(tx, delivery),
        zone=who.studio.timezone,
        **_standing(tx, wiring_of(request), delivery, invoice),
        **_files(request, tx, delivery, after, show),
    )


def _timeline(tx: Tx, delivery: Delivery) -> list[Told]:
    """The delivery's last events. Where they begin amid files that were added, all of those are counted; that is asked
    for always, so that a page takes as many queries for a long history as for a short one."""
    events = latest_of_delivery(tx, delivery.studio_id, delivery.id, limit=EVENTS)
    earlier = run_before(tx, events[-1]) if events else 0
    return tell(events, earlier if events and events[-1].kind == ADDED else 0)


def _typed(delivery: Delivery, invoice: Invoice) -> dict[str, str]:
    """What the forms for the details begin with."""
    return {
        "title": delivery.title,
        "note": delivery.note,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else "",
        "currency": invoice.currency,
        "locale": delivery.locale,
        "ask_terms": "yes" if delivery.ask_terms else "",
    }


def _standing(tx: Tx, wiring: Wiring, delivery: Delivery, invoice: Invoice) -> dict[str, Any]:
    """What is owed, and whose turn it is."""
    counts = repository.count_assets(tx, delivery.id)
    late = invoice.due_on is not None and wiring.clock().date() > invoice.due_on
    return {
        "invoice": invoice,
        "reference": shown_reference(invoice.reference),
        "counts": counts,
        "next_words": next_step(
            delivery.state, delivery.client_name, has_assets=counts.total > 0, agreed=delivery.agreed
        ),
        "action": next_action(delivery.state, has_assets=counts.total > 0, agreed=delivery.agreed),
        "overdue": late and delivery.state == "held",
    }


def _files(request: Request, tx: Tx, delivery: Delivery, after: str, show: str) -> dict[str, Any]:
    """The assets of one page of the grid, the way to the others, and those that were taken out not long ago."""
    wiring = wiring_of(request)
    filters = {"failed": (FAILED, repository.has_failed), **asset_filters(request)}
    among = filters[show][1](delivery.id) if show in filters else None
    show = show if show in filters else ""
    assets = repository.assets_of(tx, delivery.id, limit=AT_ONCE + 1, after=after or None, among=among)
    return {
        "shots": [_shot(asset, wiring.clock().timestamp()) for asset in assets[:AT_ONCE]],
        "show": show,
        "filters": [
            (name, words, _place(delivery, show=name)) for name, (words, _of) in {"": (ALL, None), **filters}.items()
        ],
        "first": _place(delivery, show=show) if after else "",
        "following": _place(delivery, show=show, after=assets[AT_ONCE - 1].id) if len(assets) > AT_ONCE else "",
        "max_file": wiring.settings.uploads.max_file_mib * MIB,
        "taken_out": repository.removed_since(tx, delivery.id, wiring.clock() - UNDO, limit=AT_ONCE),
        "undo_days": UNDO.days,
    }


def _place(delivery: Delivery, **asked: str) -> str:
    return with_query(f"/deliveries/{delivery.id}", **asked) + "#files"


def _shot(asset: Asset, now: float) -> dict[str, Any]:
    """One asset as the grid shows it. A preview that is long overdue may be tried again, too."""
    waits = asset.state in {"queued", "rendering"}
    stuck = waits and now - asset.created_at.timestamp() > STUCK_SECONDS
    return {
        "asset": asset,
        "reason": reason_text(asset.reason),
        "pages": 0 if is_film(asset) else asset.page_count,
        "clip": has_clip(asset),
        "notes": note_texts(asset.notes),
        "ending": asset.filename.rpartition(".")[2][:5].upper() if "." in asset.filename else "",
        "retry": asset.state == "failed" or stuck or (asset.state == "card" and asset.reason in MAY_PASS),
    }


@router.get("/deliveries/{delivery_id}/assets/{asset_id}/original")
def own_original(tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, asset_id: str) -> Response:
    """The studio gets its own file back, whatever the delivery's state; nobody else has this address."""
    delivery = repository.delivery_of(tx, who.studio.id, delivery_id)
    asset = repository.asset_of(tx, delivery.id, asset_id)
    blob = repository.blob_of(tx, asset)
    wiring.store.stat(blob.storage_key)  # a missing object is an error now, not in the middle of the answer
    name = safe_name(asset.filename)
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(blob.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(
        _chunks(wiring.store, blob.storage_key), headers=headers, media_type="application/octet-stream"
    )


async def _chunks(store: BlobStore, key: str) -> AsyncIterator[bytes]:
    """An object's bytes, read off the event loop, a megabyte at a time."""
    reader = await anyio.to_thread.run_sync(store.open, key)
    with reader:
        while chunk := await anyio.to_thread.run_sync(reader.read, CHUNK):
            yield chunk

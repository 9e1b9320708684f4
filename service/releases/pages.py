"""Downloads as clients reach them: a click issues a grant, ``/d/{token}`` redeems it. And the studio's buttons."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.prove import recently_proved
from service.accounts.who import SignedIn
from service.deliveries import repository as deliveries
from service.kit.names import safe_name, safe_path, unique_names
from service.kit.translate import _
from service.releases.archive import Archive, Entry, Stored
from service.releases.hand_over import hand_over
from service.releases.issue_grant import issue_grant
from service.releases.redeem import Redeemed, redeem
from service.releases.release import release
from service.releases.relock import relock
from service.releases.renew import renew
from service.releases.stream import Body, OriginalResponse, asked_range
from service.shares.open_link import open_link
from service.web.boundary import PageRoute, TransactionRoute, TxDep, WiringDep, writes
from service.web.templates import redirect

router = APIRouter()
clients = APIRouter(route_class=TransactionRoute)
"""Routes whose right is in the address itself: no cookie speaks for anybody, so no CSRF check."""
studio = APIRouter(route_class=PageRoute)

Reason = Annotated[str, Form(min_length=1, max_length=200)]


@clients.post("/s/{token}/downloads/{asset_id}")
def download_one(request: Request, tx: TxDep, wiring: WiringDep, token: str, asset_id: str) -> Response:
    """A click on one original: on to a short-lived address for it."""
    return _issue(request, tx, wiring, token, asset_id)


@clients.post("/s/{token}/downloads")
def download_all(
    request: Request, tx: TxDep, wiring: WiringDep, token: str, part: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """A click on "all": on to a short-lived address for the ZIP; with ``part`` of what this instalment has opened."""
    return _issue(request, tx, wiring, token, instalment_id=part)


def _issue(
    request: Request, tx: TxDep, wiring: WiringDep, token: str, asset_id: str = "", instalment_id: str = ""
) -> Response:
    opened = open_link(tx, wiring, token, request=request, need="downloads")
    signed = issue_grant(
        tx,
        wiring,
        delivery=opened.delivery,
        studio=opened.studio,
        link=opened.link,
        asset_id=asset_id,
        instalment_id=instalment_id,
    )
    return RedirectResponse(f"/d/{signed}", 303)


@clients.api_route("/d/{token}", methods=["GET", "HEAD"])
@writes
def download(request: Request, tx: TxDep, wiring: WiringDep, token: str) -> Response:
    """The bytes. A GET from the first byte counts as a download; a later range goes on with one; HEAD is free."""
    head = request.method == "HEAD"
    starts = _starts_at_zero(request.headers.get("range", ""))
    redeemed = redeem(tx, wiring, token, counts=not head and starts, continues=not head and not starts)
    body = _body(redeemed)
    if not redeemed.whole and (elsewhere := hand_over(wiring, redeemed, body)):
        return elsewhere
    response = OriginalResponse(wiring.store, body, asked_range(request, body), head=head)
    response.open()
    return response


def _starts_at_zero(range_header: str) -> bool:
    """Whether a GET with this Range begins a download; anything but a single later range does."""
    text = range_header.strip().removeprefix("bytes=")
    return not (text[:1].isdigit() and "," not in text and not text.startswith("0-"))


def _body(redeemed: Redeemed) -> Body:
    if not redeemed.whole:
        asset, blob = redeemed.originals[0]
        validator = _validator(redeemed.grant.id, asset.id)
        return Body(
            blob.size, Stored(blob.storage_key, 0, blob.size, blob.crc32), asset.filename, asset.media_type, validator
        )
    names = unique_names([safe_path(f"{asset.path}/{asset.filename}") for asset, _blob in redeemed.originals])
    entries = [
        Entry(name, blob.size, blob.crc32, asset.created_at, blob.storage_key)
        for name, (asset, blob) in zip(names, redeemed.originals, strict=True)
    ]
    archive = Archive(entries)
    validator = _validator(redeemed.grant.id, *(asset.id for asset, _blob in redeemed.originals), *names)
    return Body(archive.size, archive, f"{safe_name(redeemed.delivery.title)}.zip", "application/zip", validator)


def _validator(*parts: str) -> str:
    """A strong ETag that changes when what is sent would, and tells nothing of the content."""
    return f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'


@studio.post("/deliveries/{delivery_id}/release")
def waive(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, reason: Reason) -> Response:
    """Release without payment."""
    recently_proved(who, wiring.clock())
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    release(tx, wiring, delivery, reason="waived", note=reason, actor=who.actor)
    return redirect(request, f"/deliveries/{delivery.id}", flash=_("The originals are released."))


@studio.post("/deliveries/{delivery_id}/relock")
def take_back(
    request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str, reason: Reason
) -> Response:
    """End the release: downloads stop at once."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    relock(tx, wiring, delivery, reason=reason, actor=who.actor)
    return redirect(
        request, f"/deliveries/{delivery.id}", flash=_("The originals are held again. Downloads have stopped.")
    )


@studio.post("/deliveries/{delivery_id}/renew-downloads")
def open_again(request: Request, tx: TxDep, wiring: WiringDep, who: SignedIn, delivery_id: str) -> Response:
    """Give clients the full time and number of downloads again."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    renew(tx, wiring, delivery, who.studio, actor=who.actor)
    return redirect(request, f"/deliveries/{delivery.id}", flash=_("Downloads are open again."))


router.include_router(clients)
router.include_router(studio)

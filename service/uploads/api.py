"""Resumable uploads over HTTP: tus 1.0 under ``/uploads``, and the list that a page needs to go on after a break."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.accounts.idempotency import IdempotencyKey, recall, remember, request_digest
from service.accounts.who import Who
from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import NotFound
from service.kit.ids import looks_like_id
from service.settings import MIB
from service.uploads import lease, protocol, repository
from service.uploads.answers import UploadList, UploadOut, kept_out, place_of, upload_out
from service.uploads.create import create_upload
from service.uploads.described import ALWAYS, BEGIN, ONE, OVERRIDE, PIECE, VERSION_ONLY, refusals
from service.uploads.finish import finish, lost_is_gone
from service.uploads.lease import Held
from service.uploads.models import Upload
from service.uploads.receive import receive, too_long
from service.uploads.route import TusRoute
from service.uploads.terminate import terminate
from service.uploads.uploader import uploader
from service.web.boundary import WiringDep, own_transactions, wiring_of, write_transaction
from service.web.problems import MethodNotAllowed
from service.wiring import Wiring

router = APIRouter(route_class=TusRoute, tags=["uploads"])


@router.options("/uploads", status_code=204)
@own_transactions
async def options_uploads(wiring: WiringDep) -> Response:
    """What the server can do, in the protocol's headers."""
    headers = {
        "Tus-Version": protocol.VERSION,
        "Tus-Extension": protocol.EXTENSIONS,
        "Tus-Max-Size": str(wiring.settings.uploads.max_file_mib * MIB),
        "Tus-Checksum-Algorithm": ",".join(protocol.ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@router.post(
    "/uploads",
    status_code=201,
    response_model=UploadOut,
    openapi_extra=BEGIN,
    responses=refusals(*ALWAYS, 400, 404, 409, 412, 413, 422),
)
@own_transactions
async def post_upload(request: Request, key: IdempotencyKey) -> Response:
    """Begin an upload of ``Upload-Length`` bytes; ``Upload-Metadata`` names delivery, filename, path and tier."""
    who = await uploader(request)
    protocol.check_version(request.headers)
    size = protocol.number(request.headers, "Upload-Length")
    given, line = protocol.metadata(request.headers), request.headers.get("upload-metadata", "")
    wiring = wiring_of(request)
    digest = request_digest("POST", request.url.path, f"{size}\0{line}", b"")

    def begin(tx: Tx) -> Response:
        known = recall(tx, who.studio.id, key, digest) if key else None
        if known is not None:
            known.headers["Location"] = json.loads(bytes(known.body))["url"]
            return known
        row = create_upload(tx, wiring, who, size=size, given=given, line=line)
        headers = {"Location": place_of(row), "Upload-Expires": protocol.http_date(row.expires_at)}
        response = JSONResponse(upload_out(row).model_dump(mode="json"), 201, headers)
        if key:
            remember(tx, who.studio.id, key, digest, response, now=wiring.clock())
        return response

    async with write_transaction(request) as tx:
        return await run_in_threadpool(begin, tx)


@router.get("/uploads", responses=refusals(*ALWAYS, 404))
@own_transactions
async def get_uploads(
    request: Request, wiring: WiringDep, delivery: Annotated[str, Query(max_length=64)]
) -> UploadList:
    """What has begun in a delivery and is not whole yet, and what is kept already."""
    who = await uploader(request)

    def found() -> UploadList:
        with wiring.db.read() as tx:
            sought = deliveries.delivery_of(tx, who.studio.id, known(delivery, "dlv"))
            rows = repository.unfinished(tx, who.studio.id, sought.id, wiring.clock())
            kept = deliveries.assets_of(tx, sought.id)
            return UploadList(items=[upload_out(row) for row in rows], kept=[kept_out(asset) for asset in kept])

    return await run_in_threadpool(found)


@router.head("/uploads/{upload_id}", status_code=200, openapi_extra=VERSION_ONLY, responses=refusals(*ONE, 423))
@own_transactions
async def head_upload(request: Request, wiring: WiringDep, upload_id: str) -> Response:
    """Where an upload stands. One whose bytes are all there is brought to its end first."""
    who = await uploader(request)
    protocol.check_version(request.headers)
    row = await run_in_threadpool(_look, wiring, who, upload_id)
    if row.asset_id is None and row.offset == row.size:
        held = await _take(request, who, upload_id, row.offset, 0)
        row.asset_id = await finish(request, held)
    headers = {
        "Upload-Offset": str(row.offset),
        "Upload-Length": str(row.size),
        "Upload-Metadata": row.given,
        "Upload-Expires": protocol.http_date(row.expires_at),
        "Cache-Control": "no-store",
    }
    return Response(status_code=200, headers=headers | _asset(row.asset_id))


@router.patch(
    "/uploads/{upload_id}", status_code=204, openapi_extra=PIECE, responses=refusals(*ONE, 409, 413, 415, 423, 460, 507)
)
@own_transactions
async def patch_upload(request: Request, wiring: WiringDep, upload_id: str) -> Response:
    """Add a piece at ``Upload-Offset``. The piece that completes the file makes it an asset."""
    who = await uploader(request)
    protocol.check_version(request.headers)
    protocol.check_media_type(request.headers)
    offset, checksum = protocol.number(request.headers, "Upload-Offset"), protocol.checksum(request.headers)
    said = request.headers.get("content-length", "")
    held = await _take(request, who, upload_id, offset, int(said) if said.isdecimal() else 0)
    asset_id = None
    try:
        if not held.progress.complete:
            async with lost_is_gone(request, held):
                await receive(request, held, checksum)
    except ClientDisconnect:
        return Response(status_code=204)  # nobody reads it
    if held.progress.complete:
        asset_id = await finish(request, held)
    row = await run_in_threadpool(_look, wiring, who, upload_id)
    headers = {"Upload-Offset": str(row.offset), "Upload-Expires": protocol.http_date(row.expires_at)}
    return Response(status_code=204, headers=headers | _asset(asset_id))


@router.delete("/uploads/{upload_id}", status_code=204, openapi_extra=VERSION_ONLY, responses=refusals(*ONE, 423))
@own_transactions
async def delete_upload(request: Request, wiring: WiringDep, upload_id: str) -> Response:
    """Take an unfinished upload back: its bytes are forgotten."""
    who = await uploader(request)
    protocol.check_version(request.headers)
    held = await _take(request, who, upload_id, None, 0)
    async with write_transaction(request) as tx:
        await run_in_threadpool(terminate, tx, wiring, held)
    return Response(status_code=204)


@router.post(
    "/uploads/{upload_id}",
    status_code=204,
    openapi_extra=OVERRIDE,
    responses=refusals(*ONE, 405, 409, 413, 415, 423, 460, 507),
)
@own_transactions
async def post_to_upload(request: Request, wiring: WiringDep, upload_id: str) -> Response:
    """What X-HTTP-Method-Override says, for networks that let only GET and POST pass."""
    meant = _BY_METHOD.get(request.headers.get("x-http-method-override", "").strip().upper())
    if meant is None:
        raise MethodNotAllowed
    return await meant(request, wiring, upload_id)


_BY_METHOD = {"PATCH": patch_upload, "DELETE": delete_upload, "HEAD": head_upload}


async def _take(request: Request, who: Who, upload_id: str, offset: int | None, length: int) -> Held:
    """The lease, before a byte of the body is read; ``length`` is what the body says of itself."""

    def taken(tx: Tx) -> Held:
        held = lease.take(tx, wiring_of(request), who.studio.id, known(upload_id, "upl"), offset=offset)
        if held.progress.offset + length > held.progress.size:
            raise too_long()
        return held

    async with write_transaction(request) as tx:
        return await run_in_threadpool(taken, tx)


def _look(wiring: Wiring, who: Who, upload_id: str) -> Upload:
    with wiring.db.read() as tx:
        return repository.upload_of(tx, who.studio.id, known(upload_id, "upl"), wiring.clock())


def known(text: str, prefix: str) -> str:
    """The id, if it has the shape of one; raises NotFound. No database is asked for bytes that it cannot hold."""
    if not looks_like_id(text, prefix):
        raise NotFound
    return text


def _asset(asset_id: str | None) -> dict[str, str]:
    return {"Tillpaid-Asset": asset_id} if asset_id else {}

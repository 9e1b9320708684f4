"""From the last byte to the asset, within a request. What happens at each step is in ``complete``."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.deliveries.add_asset import StoredBytes
from service.deliveries.models import Asset
from service.errors import Gone, TillpaidError
from service.kit.translate import N_
from service.uploads import lease, repository
from service.uploads.complete import drop, is_final, keep, refuse, settle, slices
from service.uploads.digests import Digest
from service.uploads.lease import Held
from service.uploads.receive import give_back
from service.web.boundary import wiring_of, write_transaction
from storage.blobstore import NotFound, Torn


async def finish(request: Request, held: Held) -> str:
    """The id of the asset that the upload became. The lease is given back, whatever happens. Raises as ``settle`` and
    the store do, and Gone when the bytes are lost."""
    try:
        async with lost_is_gone(request, held):
            stored = await asyncio.to_thread(keep, wiring_of(request), held, await _digest(request, held))
        asset = await _settled(request, held, stored)
    except BaseException:
        await asyncio.shield(give_back(request, held))
        raise
    await asyncio.to_thread(drop, wiring_of(request), held)
    return asset.id


class lost_is_gone:  # noqa: N801 - reads as what it does
    """Where the store no longer has the bytes that the row speaks of, the upload is forgotten: it must begin anew."""

    def __init__(self, request: Request, held: Held) -> None:
        self._request, self._held = request, held

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NotFound | Torn):
            wiring = wiring_of(self._request)
            async with write_transaction(self._request) as tx:
                row = await run_in_threadpool(lease.held_row, tx, wiring, self._held)
                await run_in_threadpool(repository.remove, tx, row)
            await asyncio.to_thread(drop, wiring, self._held)
            raise Gone(N_("What had come of this file is lost. Please send it again."), code="upload_lost") from error


async def _digest(request: Request, held: Held) -> Digest:
    """The digest of all bytes; the lease lives while they are read back."""
    wiring = wiring_of(request)
    parts = await asyncio.to_thread(slices, wiring, held)
    digest = await asyncio.to_thread(next, parts)
    while digest.offset < held.progress.size:
        async with write_transaction(request) as tx:
            await run_in_threadpool(lease.advance, tx, wiring, held, held.progress)
        digest = await asyncio.to_thread(next, parts)
    return digest


async def _settled(request: Request, held: Held, stored: StoredBytes) -> Asset:
    wiring = wiring_of(request)
    try:
        async with write_transaction(request) as tx:
            return await run_in_threadpool(settle, tx, wiring, held, stored)
    except TillpaidError as error:
        if is_final(error):
            async with write_transaction(request) as tx:
                await run_in_threadpool(refuse, tx, wiring, held, stored)
            await asyncio.to_thread(drop, wiring, held)
        raise

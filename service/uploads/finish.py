"""From the last byte to the asset, within a request. What happens at each step is in ``complete``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.deliveries.add_asset import StoredBytes
from service.deliveries.models import Asset
from service.errors import Gone, TillpaidError
from service.kit.translate import N_
from service.uploads import lease, repository
from service.uploads.complete import drop, is_final, keep, refuse, settle, slices
from service.uploads.lease import RENEW_AFTER, Held
from service.uploads.receive import give_back
from service.web.boundary import wiring_of, write_transaction
from service.wiring import Wiring
from storage.blobstore import NotFound, Torn


async def finish(request: Request, held: Held) -> str:
    """The id of the asset that the upload became. The lease is given back, whatever happens. Raises as ``settle`` and
    the store do, and Gone when the bytes are lost."""
    try:
        async with lost_is_gone(request, held), kept_alive(request, held):
            stored = await asyncio.to_thread(_kept, wiring_of(request), held)
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
            raise Gone(
                N_("What had arrived of this file is lost. Please send it again."), code="upload_lost"
            ) from error


@asynccontextmanager
async def kept_alive(request: Request, held: Held) -> AsyncIterator[None]:
    """Prolongs the lease for as long as the block takes: reading a large file back, or a store's copy of it."""
    ended = asyncio.Event()

    async def prolong() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW_AFTER):
                    await ended.wait()
                return
            async with write_transaction(request) as tx:
                await run_in_threadpool(lease.advance, tx, wiring_of(request), held, held.progress)

    task = asyncio.create_task(prolong())
    try:
        yield
    finally:
        ended.set()
        await asyncio.gather(task, return_exceptions=True)  # a lease that was lost is seen when the upload is settled


def _kept(wiring: Wiring, held: Held) -> StoredBytes:
    """In a thread: the digest of all bytes, at once or read back, and the bytes under its key."""
    for digest in slices(wiring, held):  # noqa: B007 - the last one counts
        pass
    return keep(wiring, held, digest)


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

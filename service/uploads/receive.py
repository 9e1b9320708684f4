"""One PATCH: the body goes into the store piece by piece, and the row follows, never ahead.

Two megabytes are in memory at most, beside what the store's writer holds: one is being written by a thread while the
next one gathers. Every so many bytes, and every few seconds, what came is made durable and its offset written down. A
sender that breaks off keeps what had come by then, unless the piece has a checksum: that counts whole or not at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.errors import NotFound, TillpaidError, TooLarge, Unavailable
from service.kit.translate import N_
from service.uploads import lease
from service.uploads.digests import Digest, digests_of
from service.uploads.lease import RENEW_AFTER, Held
from service.uploads.protocol import Checksum
from service.uploads.store import open_writer
from service.web.boundary import wiring_of, write_transaction
from storage.blobstore import CHUNK, StorageError
from storage.resuming import PartialWriter, Progress

SILENCE = 8.0
"""Seconds without a byte after which the sender is taken for gone: less than a lease."""
log = structlog.get_logger("upload")


async def receive(request: Request, held: Held, checksum: Checksum | None) -> Digest | None:
    """Reads the body into the store; ``held.progress`` is where it then stands. The digest of all bytes so far, where it
    is known. The lease is given back unless the upload is complete. Raises TooLarge, ChecksumMismatch, Busy, Unavailable
    (silence) or the store's errors."""
    flow = Flow(request, held, await _writer(request, held), checksum)
    try:
        async for data in _pieces(request):
            await flow.take(data)
        await flow.end()
    except BaseException:
        await asyncio.shield(flow.break_off())
        raise
    return flow.digest


async def _writer(request: Request, held: Held) -> PartialWriter:
    try:
        return await asyncio.to_thread(open_writer, wiring_of(request), held.progress)
    except BaseException:
        await asyncio.shield(give_back(request, held))
        raise


async def give_back(request: Request, held: Held) -> None:
    """Ends a lease early, as far as it still is one; it would end by itself."""
    try:
        async with write_transaction(request) as tx:
            await run_in_threadpool(lease.advance, tx, wiring_of(request), held, held.progress, release=True)
    except NotFound:  # the upload itself is gone
        return
    except Exception as error:  # noqa: BLE001 - the error that matters is on its way to the client
        log.warning("upload_lease_stays", error=type(error).__name__)


def too_long() -> TooLarge:
    return TooLarge(N_("More bytes came than the upload was begun for."), code="upload_overflow")


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body; raises ClientDisconnect, or Unavailable when the sender falls silent."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                data = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Unavailable(retry_after=1) from None
        if data:
            yield data


class Flow:
    """The bytes of one request on their way to the store."""

    def __init__(self, request: Request, held: Held, writer: PartialWriter, checksum: Checksum | None) -> None:
        self._request, self._held, self._writer, self._checksum = request, held, writer, checksum
        self._digests = digests_of(wiring_of(request))
        self.digest = self._digests.at(held.upload_id, held.progress.offset)
        self._left = held.progress.size - held.progress.offset
        self._gathered: list[bytes] = []
        self._waiting = self._unkept = 0
        self._kept_at = time.monotonic()
        self._pending: asyncio.Task[None] | None = None

    async def take(self, data: bytes) -> None:
        """Raises TooLarge, or what went wrong with the bytes before."""
        self._left -= len(data)
        if self._left < 0:
            raise too_long()
        self._gathered.append(data)
        self._waiting += len(data)
        self._unkept += len(data)
        if self._waiting >= CHUNK:
            await self._hand_over()
        late = time.monotonic() - self._kept_at > RENEW_AFTER
        if self._checksum is not None and late:
            await self._advance(self._held.progress)
        elif self._checksum is None and (late or self._unkept >= self._writer.step):
            await self._advance(await self._flushed())

    async def end(self) -> None:
        """The body is whole: all of it is made durable and written down."""
        await self._hand_over()
        await self._settle()
        if self._checksum is not None:
            self._checksum.check()
        progress = await self._flushed()
        await self._advance(progress, release=not progress.complete)
        await asyncio.to_thread(self._writer.close)

    async def break_off(self) -> None:
        """Keeps what can be kept of a request that ended badly, and gives the lease back."""
        with suppress(StorageError, ValueError, TillpaidError):  # a writer that failed is closed already
            await self._settle()
            if self._checksum is None and self._left >= 0:
                await self._advance(await self._flushed())
        await asyncio.to_thread(self._writer.close)
        await give_back(self._request, self._held)

    async def _hand_over(self) -> None:
        await self._settle()
        if self._gathered:
            whole = b"".join(self._gathered)
            self._gathered, self._waiting = [], 0
            self._pending = asyncio.create_task(asyncio.to_thread(self._write, whole))

    async def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            await pending

    def _write(self, data: bytes) -> None:
        self._writer.write(data)
        for hashed in (self.digest, self._checksum):
            if hashed is not None:
                hashed.update(data)

    async def _flushed(self) -> Progress:
        await self._hand_over()
        await self._settle()
        return await asyncio.to_thread(self._writer.flush)

    async def _advance(self, progress: Progress, *, release: bool = False) -> None:
        """The row follows the store. Raises Busy when the lease is somebody else's by now."""
        wiring = wiring_of(self._request)
        async with write_transaction(self._request) as tx:
            await run_in_threadpool(lease.advance, tx, wiring, self._held, progress, release=release)
        if self.digest is not None and self.digest.offset == progress.offset:
            self._digests.keep(self._held.upload_id, self.digest)
        self._kept_at, self._unkept = time.monotonic(), self._waiting

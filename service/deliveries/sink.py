"""One original on its way into the vault: hashed as it comes, written off the event loop, a megabyte at a time.

While one megabyte is being written by a thread the next one gathers, so memory stays at two of them whatever
the file's size, and a slow disk slows the sender instead of filling memory.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from zlib_ng import zlib_ng

from service.deliveries.add_asset import StoredBytes, original_key
from service.errors import TooLarge
from service.kit.translate import N_
from storage.blobstore import CHUNK, AlreadyExists, BlobStore, StorageError, Writer


def too_large(limit: int) -> TooLarge:
    """``limit`` in bytes."""
    return TooLarge(
        N_("A file may be at most %(limit)s MiB. Nothing was kept of this upload."), limit=limit // (1024 * 1024)
    )


class Sink:
    """Takes the bytes of one file, at most ``limit`` of them. End it with ``finish`` or ``abort``."""

    def __init__(self, store: BlobStore, filename: str, limit: int) -> None:
        self.filename = filename
        self.size = 0
        self._store, self._limit = store, limit
        self._gathered: list[bytes] = []
        self._waiting = 0
        self._crc32 = 0
        self._writer: Writer | None = None
        self._pending: asyncio.Task[None] | None = None

    async def write(self, data: bytes) -> None:
        """Raises TooLarge, or the store's NoSpace or Unavailable for this or the previous megabyte."""
        self.size += len(data)
        if self.size > self._limit:
            raise too_large(self._limit)
        self._gathered.append(data)
        self._waiting += len(data)
        if self._waiting >= CHUNK:
            await self._hand_over()

    async def finish(self, studio_id: str) -> StoredBytes:
        """Makes the bytes durable under the key of their content and says what they are."""
        await self._hand_over()
        await self._settle()
        return await asyncio.to_thread(self._commit, studio_id)

    async def abort(self) -> None:
        """Forgets everything."""
        with suppress(StorageError):
            await self._settle()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.abort)

    async def _hand_over(self) -> None:
        await self._settle()
        whole = b"".join(self._gathered)
        self._gathered, self._waiting = [], 0
        self._pending = asyncio.create_task(asyncio.to_thread(self._write, whole))

    async def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            await pending

    def _write(self, data: bytes) -> None:
        if self._writer is None:
            self._writer = self._store.begin()
        self._writer.write(data)
        self._crc32 = zlib_ng.crc32(data, self._crc32)

    def _commit(self, studio_id: str) -> StoredBytes:
        assert self._writer is not None  # noqa: S101 - finish() has handed something over
        so_far = self._writer.so_far
        key = original_key(studio_id, so_far.sha256)
        with self._writer, suppress(AlreadyExists):  # the same content is the same object
            self._writer.commit(key)
        return StoredBytes(so_far.sha256, so_far.size, self._crc32, key)

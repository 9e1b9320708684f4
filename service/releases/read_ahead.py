"""Originals on their way to a client: read off the event loop, ahead of what is sent, checked, and in constant memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

from zlib_ng import zlib_ng

from service.releases.archive import Piece, Stored
from storage.blobstore import BlobStore, Reader

CHUNK = 1024 * 1024
LARGEST_CHUNK = 4 * CHUNK
MOST_AHEAD = 8 * CHUNK
QUICK = 64 * CHUNK
"""Bytes a second. Who takes them faster than this is read further ahead for."""


class Damaged(Exception):
    """An original is not what was stored: shorter, or with other bytes."""


class ReadAhead:
    """The bytes of ``pieces`` in their order. While some are sent the next ones are read, also those of the next original.

    One chunk of 1 MiB waits, until a client has taken much of it and takes it quickly: then larger ones do, up to 8 MiB, since
    each costs two changes of thread. Who slows down is back at one. It is never more than a quarter of what was taken: whoever
    leaves costs little more than they got. For one event loop. ``opened`` is a reader of the first stored piece.
    """

    def __init__(self, store: BlobStore, pieces: Iterator[Piece], opened: Reader | None) -> None:
        self._store, self._pieces, self._opened = store, pieces, opened
        self._checked: Checked | None = None
        self._ready: deque[bytes] = deque()
        self._held = self._taken = 0
        self._ahead, self._size = CHUNK, CHUNK
        self._reading: asyncio.Future[bytes] | None = None
        self._changed = asyncio.Event()
        self._fault: BaseException | None = None
        self._ended = self._closed = False

    async def next(self) -> bytes:
        """The next bytes; none at the end. Raises Damaged and the store's errors, after all that was well before them."""
        self._read_on()
        while not self._ready and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        if self._ready:
            chunk = self._ready.popleft()
            self._held -= len(chunk)
            self._read_on()
            return chunk
        if self._fault:
            raise self._fault
        return b""

    def taken(self, size: int, seconds: float) -> None:
        """The client has taken so many bytes within so many seconds."""
        self._taken += size
        quick = size >= QUICK * seconds
        self._ahead = min(MOST_AHEAD, max(CHUNK, self._taken // 4)) if quick else CHUNK
        self._size = min(LARGEST_CHUNK, max(CHUNK, self._ahead // 2))
        self._read_on()

    def close(self) -> None:
        """Nothing more is wanted. A thread that is still reading ends with its chunk."""
        self._closed = self._ended = True
        if self._reading is None:
            self._close_readers()

    def _read_on(self) -> None:
        """Has the next chunk read, unless one is being read or enough lies there."""
        if self._reading is None and not self._ended and self._held + self._size <= self._ahead:
            self._reading = asyncio.get_running_loop().run_in_executor(None, self._read)
            self._reading.add_done_callback(self._arrived)

    def _arrived(self, reading: asyncio.Future[bytes]) -> None:
        self._reading, self._fault = None, reading.exception()
        if self._closed:
            self._close_readers()
        elif self._fault or not reading.result():
            self._ended = True
        else:
            self._ready.append(reading.result())
            self._held += len(reading.result())
            self._read_on()
        self._changed.set()

    def _read(self) -> bytes:
        """In a thread, one at a time. None left: no bytes."""
        if self._checked is None:
            piece = next(self._pieces, b"")
            if isinstance(piece, bytes):
                return piece
            reader, self._opened = self._opened or self._store.open(piece.key, piece.start, piece.stop), None
            self._checked = Checked(reader, piece)
        chunk = self._checked.next(self._size)
        if not self._checked.rest:
            self._checked.reader.close()
            self._checked = None
        return chunk

    def _close_readers(self) -> None:
        for reader in (self._opened, self._checked.reader if self._checked else None):
            if reader is not None:
                reader.close()
        self._opened = self._checked = None


class Checked:
    """The chunks of a piece. The last one comes only after all of them were compared with the checksum."""

    def __init__(self, reader: Reader, piece: Stored) -> None:
        self.reader, self.rest = reader, piece.stop - piece.start
        self._piece, self._crc32 = piece, 0

    def next(self, size: int) -> bytes:
        """At most ``size`` bytes. Raises Damaged."""
        chunk = self.reader.read(size)
        if not chunk and self.rest:
            raise Damaged(self._piece.key)
        self.rest -= len(chunk)
        if self._piece.crc32 is not None:
            self._crc32 = zlib_ng.crc32(chunk, self._crc32)
            if self.rest == 0 and self._crc32 != self._piece.crc32:
                raise Damaged(self._piece.key)
        return chunk

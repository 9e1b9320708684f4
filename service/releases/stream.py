"""Sending originals: whole or in one range, as files on disk or pieces of a ZIP, in constant memory.

Ranges follow RFC 9110 section 14: one range per answer; several at once are answered whole. The validator is
derived from the grant, so it tells nothing of the content.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.kit.names import safe_name
from service.releases.archive import Archive, Piece, Stored
from service.releases.read_ahead import Damaged, ReadAhead
from service.web.ranges import ByteRange, ranged
from storage.blobstore import BlobStore, Reader, StorageError

log = structlog.get_logger("downloads")
_SHOWN_TYPES = re.compile(
    r"^(image/(jpeg|png|webp|tiff|gif|heic|heif|avif)|application/(pdf|zip)|video/[\w.-]+|audio/[\w.-]+)$"
)


@dataclass(frozen=True)
class Body:
    """What is sent: its length, what it is made of, and how it is named."""

    size: int
    source: Archive | Stored
    filename: str
    media_type: str
    validator: str

    def pieces(self, start: int, stop: int) -> Iterator[Piece]:
        if isinstance(self.source, Archive):
            yield from self.source.pieces(start, stop)
        elif stop > start:
            whole = (start, stop) == (0, self.size)
            yield Stored(self.source.key, start, stop, self.source.crc32 if whole else None)


def asked_range(request: Request, body: Body) -> ByteRange:
    """The range of the body that this request asks for."""
    return ranged(request, body.size, body.validator)


class OriginalResponse(Response):
    """Streams ``body`` from ``store``, off the event loop, in constant memory: 12 MiB for a quick client, 2 MiB for a slow one,
    whatever the file's size. A client who leaves ends the reading.

    An original that is sent whole is checked on the way, and its last chunk is sent only when all of it is what was
    stored. If it is not, the connection is broken off: nobody takes what came for the whole."""

    def __init__(self, store: BlobStore, body: Body, asked: ByteRange, *, head: bool) -> None:
        super().__init__(status_code=_status(asked))
        self.store, self.content, self.asked, self.head = store, body, asked, head
        self.headers.update(headers_of(body, asked))
        self._opened: Reader | None = None

    def open(self) -> None:
        """Opens what is sent first, so that a store that is away is told of with a status, and does not count as a
        download. Blocks. Raises the store's errors."""
        if self.head or not self.asked.satisfiable:
            return
        for piece in self.content.pieces(self.asked.start, self.asked.stop):
            if not isinstance(piece, bytes):
                self._opened = self.store.open(piece.key, piece.start, piece.stop)
                return

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if self.head or not self.asked.satisfiable:
            await send(start)
        elif not await self._send_all(start, receive, send):
            return  # without an end: the server closes the connection
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, start: Message, receive: Receive, send: Send) -> bool:
        """Whether all of it was sent. What was opened is closed, however this ends."""
        pieces = self.content.pieces(self.asked.start, self.asked.stop)
        ahead, self._opened = ReadAhead(self.store, pieces, self._opened), None
        left = asyncio.create_task(_until_left(receive))
        try:
            await send(start)
            # Once the client has left, the server drops what is sent: there is nobody to read for.
            while not left.done() and (chunk := await ahead.next()):
                began = time.monotonic()
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                ahead.taken(len(chunk), time.monotonic() - began)
            return not left.done()
        except (Damaged, StorageError) as error:
            log.error("broken off", error=type(error).__name__, key=str(error))
            return False
        finally:
            left.cancel()
            ahead.close()


async def _until_left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _status(asked: ByteRange) -> int:
    if not asked.satisfiable:
        return 416
    return 200 if asked.whole else 206


def headers_of(body: Body, asked: ByteRange) -> dict[str, str]:
    headers = {
        "Content-Type": body.media_type if _SHOWN_TYPES.match(body.media_type) else "application/octet-stream",
        "Content-Disposition": disposition(body.filename),
        "Content-Length": str(asked.stop - asked.start),
        "Accept-Ranges": "bytes",
        "ETag": body.validator,
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if not asked.satisfiable:
        headers["Content-Range"] = f"bytes */{body.size}"
    elif not asked.whole:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{body.size}"
    return headers


def disposition(filename: str) -> str:
    """``attachment`` with the name in ASCII for old programs and in UTF-8 (RFC 6266, RFC 8187) for the rest."""
    name = safe_name(filename)
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

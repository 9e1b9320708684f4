"""Sending originals: whole or in one range, as files on disk or pieces of a ZIP, in constant memory.

Ranges follow RFC 9110 section 14: one range per answer; several at once are answered whole. The validator is
derived from the grant, so it tells nothing of the content.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.kit.names import safe_name
from service.releases.archive import Archive, Piece, Stored
from storage.blobstore import BlobStore, Reader

CHUNK = 1024 * 1024
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
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
            yield Stored(self.source.key, start, stop)


@dataclass(frozen=True)
class ByteRange:
    """Bytes ``start`` to ``stop`` (exclusive); ``whole`` when no range was asked for or it cannot be honoured."""

    start: int
    stop: int
    whole: bool
    satisfiable: bool = True


def asked_range(request: Request, body: Body) -> ByteRange:
    """The range this request asks for, by Range and If-Range."""
    whole = ByteRange(0, body.size, whole=True)
    match = _RANGE.match(request.headers.get("range", "").strip())
    if match is None or request.headers.get("if-range", body.validator) != body.validator:
        return whole
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else body.size, body.size)
        bad = last and int(last) < int(first)
    elif last:
        start, stop, bad = max(0, body.size - int(last)), body.size, int(last) == 0
    else:
        return whole
    if bad or start >= body.size:
        return ByteRange(0, 0, whole=False, satisfiable=False)
    return ByteRange(start, stop, whole=False)


class OriginalResponse(Response):
    """Streams ``body`` from ``store``, off the event loop: while one chunk is being sent the next one is read. Memory
    is three chunks at most, whatever the file's size and the client's speed; a client who leaves ends the reading."""

    def __init__(self, store: BlobStore, body: Body, asked: ByteRange, *, head: bool) -> None:
        super().__init__(status_code=_status(asked))
        self.store, self.content, self.asked, self.head = store, body, asked, head
        self.headers.update(_headers(body, asked))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if not self.head and self.asked.satisfiable:
            left = asyncio.create_task(_until_left(receive))
            try:
                for piece in self.content.pieces(self.asked.start, self.asked.stop):
                    if left.done():  # the server drops what is sent now: there is nobody to read for
                        return
                    await self._send_piece(piece, send, left)
            finally:
                left.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_piece(self, piece: Piece, send: Send, left: asyncio.Task[None]) -> None:
        if isinstance(piece, bytes):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            return
        run, rest = asyncio.get_running_loop().run_in_executor, piece.stop - piece.start
        reader = await run(None, self.store.open, piece.key, piece.start, piece.stop)
        ahead = run(None, reader.read, CHUNK)
        try:
            while rest and not left.done():
                chunk = await asyncio.shield(ahead)
                if not chunk:  # the object is shorter than its row says: the server breaks the answer off
                    break
                rest -= len(chunk)
                if rest:
                    ahead = run(None, reader.read, CHUNK)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            ahead.add_done_callback(partial(_close, reader))  # a thread may still be reading from it


async def _until_left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _close(reader: Reader, ahead: asyncio.Future[bytes]) -> None:
    ahead.exception()  # if nobody waits for this chunk any more, nobody misses it
    reader.close()


def _status(asked: ByteRange) -> int:
    if not asked.satisfiable:
        return 416
    return 200 if asked.whole else 206


def _headers(body: Body, asked: ByteRange) -> dict[str, str]:
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

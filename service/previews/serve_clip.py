"""Sending the marked clip of a film or a sound, whole or in a range, as players ask for it.

There is one clip for all links: it carries the visible mark and the audible one, and no link's own. What is not marked by the
recipe in force is not found. The bytes are compared with their digest before the first of them is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import anyio.to_thread
import structlog
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from service.db import Tx
from service.errors import NotFound
from service.previews import repository
from service.previews.keep import Damaged, open_checked
from service.previews.mend import mend_clip
from service.previews.models import KeptClip
from service.previews.recipe_for import recipe_for
from service.previews.render import PURPOSE, Viewer
from service.web.boundary import read_in_turn, write_transaction
from service.web.ranges import ByteRange, is_known, ranged
from service.wiring import Wiring
from storage.blobstore import Reader

PIECE = 64 * 1024
log = structlog.get_logger("previews")


@dataclass(frozen=True)
class AskClip:
    """The clip of an asset, which may be seen through ``viewer``."""

    viewer: Viewer
    asset_id: str


async def serve_clip(request: Request, wiring: Wiring, find: Callable[[Tx], AskClip]) -> Response:
    """The clip or a part of it; 304, 416. Raises what ``find`` raises, and NotFound where there is none to be shown."""
    clip, etag = await read_in_turn(request, lambda tx: _look(tx, wiring, find(tx)))
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie", "Accept-Ranges": "bytes", "ETag": etag}
    if is_known(request, etag):
        return Response(status_code=304, headers=headers)
    asked = ranged(request, clip.byte_count, etag)
    if not asked.satisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{clip.byte_count}"})
    try:
        reader = await run_in_threadpool(open_checked, wiring.renditions, clip)
    except Damaged as error:
        log.error("damaged clip", asset=clip.asset_id)
        async with write_transaction(request) as tx:
            await run_in_threadpool(mend_clip, tx, wiring, clip)
        raise NotFound from error
    if not asked.whole:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{clip.byte_count}"
    headers["Content-Disposition"] = 'inline; filename="preview.mp4"'
    return ClipResponse(reader, asked, clip.media_type, headers, head=request.method == "HEAD")


def _look(tx: Tx, wiring: Wiring, ask: AskClip) -> tuple[KeptClip, str]:
    """The clip that may be shown, and its validator."""
    _asset, delivery, studio = repository.place_of(tx, ask.viewer.delivery_id, ask.asset_id)
    digest = recipe_for(studio, delivery).digest()
    clip = repository.clip_in(tx, ask.viewer.delivery_id, ask.asset_id, digest)
    if clip is None:
        raise NotFound
    told = f"clip {ask.viewer.id} {clip.id} {digest}"
    return clip, f'"{wiring.signer.mac(PURPOSE, told)[:32]}"'


class ClipResponse(Response):
    """Sends a range of ``reader`` in pieces, each read off the event loop, and closes it."""

    def __init__(
        self, reader: Reader, asked: ByteRange, media_type: str, headers: dict[str, str], *, head: bool
    ) -> None:
        length = asked.stop - asked.start
        super().__init__(
            status_code=200 if asked.whole else 206,
            headers={**headers, "Content-Length": str(length)},
            media_type=media_type,
        )
        self._reader, self._start, self._left, self._head = reader, asked.start, length, head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if not self._head:
                await anyio.to_thread.run_sync(self._reader.seek, self._start)
            while not self._head and self._left:
                piece = await anyio.to_thread.run_sync(self._reader.read, min(PIECE, self._left))
                if not piece:
                    return  # shorter than it was a moment ago: without an end, so that nobody takes it for whole
                self._left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            with suppress(OSError):
                self._reader.close()

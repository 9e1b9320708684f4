"""Answering a request for a preview: known already, kept already, or made now, in turn with the others who wait.

No database connection and no thread is held while waiting, and the right to see the picture is looked at again after it.
The bytes are compared with their digest before the first of them is sent, and are then streamed: who reads slowly costs
a piece of a picture, not a whole one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

import anyio.to_thread
import structlog
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from service.db import Tx
from service.errors import NotFound
from service.kit.turns import Turns
from service.previews.ask_for_pages import ask_for_pages
from service.previews.imprint import imprint, keep_imprinted
from service.previews.keep import Damaged, forget, open_checked
from service.previews.mend import mend
from service.previews.models import Rendition
from service.previews.placeholder import placeholder
from service.previews.render import Ask, Found, find_rendition
from service.web.boundary import read_in_turn, write_transaction
from service.web.ranges import is_known
from service.wiring import Wiring
from storage.blobstore import Reader
from watermark import WatermarkError

PIECE = 64 * 1024
Find = Callable[[Tx], Ask]
"""Looks whether the caller may see the picture; raises a TillpaidError when not."""
log = structlog.get_logger("previews")


@dataclass
class Making:
    """The pictures being made in this process, each once, however many ask for it."""

    turns: Turns
    begun: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)


async def serve_preview(request: Request, wiring: Wiring, find: Find, filename: str) -> Response:
    """The picture, a 304, or a placeholder. ``filename`` has no ending. Raises what ``find`` raises."""
    found = await _look(request, wiring, find)
    await _ask_if_lacking(request, wiring, found)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
    if found.master is not None and is_known(request, found.etag):
        return Response(status_code=304, headers={**headers, "ETag": found.etag})
    if found.master is not None and found.rendition is None:
        found = await _made(request, wiring, find, found)
    found, opened = await _opened(request, wiring, find, found)
    if opened is None:
        headers["Content-Disposition"] = f'inline; filename="{filename}.png"'
        return Response(placeholder(), media_type="image/png", headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{filename}.jpeg"'
    headers["ETag"] = found.etag
    row, reader = opened
    return PictureResponse(reader, row.byte_count, headers, head=request.method == "HEAD")


async def marked_bytes(request: Request, wiring: Wiring, find: Find) -> bytes | None:
    """The same picture as ``serve_preview`` sends, whole; None while there is none. Raises what ``find`` raises."""
    found = await _look(request, wiring, find)
    await _ask_if_lacking(request, wiring, found)
    if found.master is not None and found.rendition is None:
        found = await _made(request, wiring, find, found)
    _found, opened = await _opened(request, wiring, find, found)
    if opened is None:
        return None
    with closing(opened[1]) as reader:
        return await run_in_threadpool(reader.read)


async def _ask_if_lacking(request: Request, wiring: Wiring, found: Found) -> None:
    """A page that nobody has come near yet is made now, with its neighbours; whoever asked sees it the next time."""
    if found.lacking is not None:
        async with write_transaction(request) as tx:
            await run_in_threadpool(ask_for_pages, tx, wiring, found.lacking, found.ask.page)


async def _look(request: Request, wiring: Wiring, find: Find) -> Found:
    return await read_in_turn(request, lambda tx: find_rendition(tx, wiring, find(tx)))


async def _made(request: Request, wiring: Wiring, find: Find, found: Found) -> Found:
    """What there is once the picture was made, or could not be."""
    making = _making_of(request)
    assert found.master is not None  # noqa: S101 - there is something to make it from
    what = (found.ask.viewer.id, found.master.id)
    task = making.begun.get(what)
    if task is None:
        task = making.begun[what] = asyncio.create_task(_make(request, wiring, making, found))
        task.add_done_callback(lambda _task: making.begun.pop(what, None))
    await asyncio.shield(task)
    return await _look(request, wiring, find)


async def _make(request: Request, wiring: Wiring, making: Making, found: Found) -> None:
    """Makes and keeps the link's picture. A failure is logged, and leaves none."""
    master, link = found.master, found.ask.viewer
    assert master is not None  # noqa: S101 - there is something to make it from
    made: list[Rendition] = []
    try:
        async with making.turns.taken_by(link.id):
            made = await run_in_threadpool(imprint, wiring, link, [master])
        async with write_transaction(request) as tx:
            unused = await run_in_threadpool(keep_imprinted, tx, link, made)
    except Damaged:
        await _mend(request, wiring, found, master)
        return
    except WatermarkError as error:
        log.error("rendition", asset=found.ask.asset_id, error=error.code)
        return
    except BaseException:
        await asyncio.shield(run_in_threadpool(forget, wiring, [row.storage_key for row in made]))
        raise
    await run_in_threadpool(forget, wiring, unused)


async def _opened(
    request: Request, wiring: Wiring, find: Find, found: Found
) -> tuple[Found, tuple[Rendition, Reader] | None]:
    """The picture's bytes. Its row may have been replaced and its bytes dropped since it was found, as when two make one
    picture: then what is in its place is opened."""
    opened = await _checked(request, wiring, found)
    if opened is None and found.rendition is not None:
        again = await _look(request, wiring, find)
        if again.rendition is not None and again.rendition.storage_key != found.rendition.storage_key:
            return again, await _checked(request, wiring, again)
    return found, opened


async def _checked(request: Request, wiring: Wiring, found: Found) -> tuple[Rendition, Reader] | None:
    """The bytes, compared with their digest; None when there are none that may be sent."""
    row = found.rendition
    if row is None:
        return None
    try:
        return row, await run_in_threadpool(open_checked, wiring.renditions, row)
    except Damaged:
        await _mend(request, wiring, found, row)
        return None


async def _mend(request: Request, wiring: Wiring, found: Found, row: Rendition) -> None:
    log.error("damaged picture", asset=row.asset_id, size=row.size, of_link=bool(row.link_id))
    async with write_transaction(request) as tx:
        unused = await run_in_threadpool(mend, tx, wiring, found.ask.viewer, row)
    await run_in_threadpool(forget, wiring, unused)


def _making_of(request: Request) -> Making:
    """As many at once as there are workers: each takes a core, and some 60 MB in a process of its own."""
    state = request.app.state
    if not hasattr(state, "making"):
        state.making = Making(Turns(state.wiring.settings.work.worker_count))
    making: Making = state.making
    return making


def number_in_path(text: str) -> int:
    """A positive number written plainly; anything else names nothing."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6) or text.startswith("0"):
        raise NotFound
    return int(text)


class PictureResponse(Response):
    """Sends a JPEG from ``reader`` in pieces, each read off the event loop, and closes it."""

    def __init__(self, reader: Reader, size: int, headers: dict[str, str], *, head: bool) -> None:
        super().__init__(headers={**headers, "Content-Length": str(size)}, media_type="image/jpeg")
        self._reader, self._head = reader, head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not self._head:
                piece = await anyio.to_thread.run_sync(self._reader.read, PIECE)
                if not piece:
                    break
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            with suppress(OSError):
                self._reader.close()

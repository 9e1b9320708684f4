"""Taking in a found picture: streamed to a nameless file on the disk, which is gone when it has been looked at."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.deliveries.multipart import PartBegan, PartData, boundary_of, parts
from service.errors import BadInput, TooLarge
from service.kit.names import base_name
from service.kit.translate import N_

MAX_BYTES = 64 * 1024 * 1024
FIELD = "file"
FORM_AROUND = 64 * 1024


@dataclass(frozen=True)
class FoundFile:
    """A file from anywhere. ``file`` is open and stands anywhere; ``filename`` is as it came, without folders."""

    file: IO[bytes]
    filename: str
    size: int
    sha256: str


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[FoundFile]:
    """The one file of a multipart form, in the field ``file``, for as long as the block lasts. Raises BadInput, TooLarge."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MAX_BYTES + FORM_AROUND:
        raise _too_large()
    with tempfile.TemporaryFile() as file:
        filename, digest, size, taking, around = "", hashlib.sha256(), 0, False, 0
        async for event in parts(request.stream(), boundary):
            if isinstance(event, PartBegan):
                taking = event.filename is not None and event.name == FIELD
                if taking and size:
                    raise BadInput(N_("Send one picture at a time."), code="too_many_files", field=FIELD)
                filename = base_name(event.filename or "") if taking else filename
            elif isinstance(event, PartData) and taking:
                size += len(event.data)
                if size > MAX_BYTES:
                    raise _too_large()
                digest.update(event.data)
                await run_in_threadpool(file.write, event.data)
            elif isinstance(event, PartData):
                around += len(event.data)
                if around > FORM_AROUND:
                    raise BadInput(N_("The form's fields are longer than expected."), code="long_field")
        if not size:
            raise BadInput(N_("Choose the picture that you found."), code="no_file", field=FIELD)
        await run_in_threadpool(file.flush)
        yield FoundFile(file, filename, size, digest.hexdigest())


def _too_large() -> TooLarge:
    return TooLarge(N_("A found picture may be at most %(limit)s MiB."), limit=MAX_BYTES // (1024 * 1024))

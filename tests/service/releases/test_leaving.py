"""A client who leaves in the middle of a download, or crawls through it, costs no more than it got."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from service.releases.archive import Stored
from service.releases.read_ahead import CHUNK
from service.releases.stream import Body, OriginalResponse
from service.web.ranges import ByteRange
from storage.backends.file import FileStore
from storage.disk import RangeReader
from tests.own_loop import run_in_own_loop

SIZE = 40 * CHUNK


class CountingStore:
    """A store that knows what was read from it, and whether its readers were closed."""

    def __init__(self, folder: Path) -> None:
        self.inner = FileStore(folder)
        self.inner.put("a/b", io.BytesIO(bytes(SIZE)))
        self.read = 0
        self.readers: list[RangeReader] = []

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Any:
        reader = self.inner.open(key, start, stop)
        real = reader.read

        def read(size: int | None = -1, /) -> bytes:
            chunk = real(size)
            self.read += len(chunk)
            return chunk

        reader.read = read  # type: ignore[method-assign]
        self.readers.append(reader)
        return reader


class Connection:
    """The server's side of ASGI: a client who takes ``patience`` messages and then leaves."""

    def __init__(self, patience: int) -> None:
        self.left = asyncio.Event()
        self.patience = patience
        self.got = 0

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if not self.left.is_set():
            self.got += len(message.get("body", b""))
        self.patience -= 1
        if self.patience == 0:
            self.left.set()
        await asyncio.sleep(0)


def response(store: CountingStore, size: int = SIZE) -> OriginalResponse:
    body = Body(size, Stored("a/b", 0, size), "a.bin", "application/zip", '"v"')
    return OriginalResponse(store, body, ByteRange(0, size, whole=True), head=False)  # type: ignore[arg-type]


async def served(store: CountingStore, patience: int) -> Connection:
    connection = Connection(patience)
    await response(store)({}, connection.receive, connection.send)  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    return connection


def test_a_client_who_stays_gets_everything(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    connection = run_in_own_loop(served(store, patience=-1))
    assert connection.got == store.read == SIZE


def test_a_client_who_leaves_ends_the_reading(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    run_in_own_loop(served(store, patience=4))
    assert store.read <= 8 * CHUNK
    assert all(reader.closed for reader in store.readers)


def test_a_client_who_does_not_take_anything_is_not_read_ahead_for(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)

    async def stuck() -> None:
        taken = asyncio.Event()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await taken.wait()

        task = asyncio.create_task(response(store)({}, Connection(-1).receive, send))  # type: ignore[arg-type]
        await asyncio.sleep(0.2)
        assert store.read == 2 * CHUNK
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)

    run_in_own_loop(stuck())
    assert all(reader.closed for reader in store.readers)

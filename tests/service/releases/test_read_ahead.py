"""Reading ahead of a client: the same bytes, in bounded memory, and nothing of a damaged original's end."""

from __future__ import annotations

import asyncio
import io
import os
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from service.releases.archive import Piece, Stored
from service.releases.read_ahead import CHUNK, LARGEST_CHUNK, MOST_AHEAD, Damaged, ReadAhead
from storage.backends.file import FileStore
from storage.blobstore import NotFound, Reader
from storage.disk import RangeReader
from tests.own_loop import run_in_own_loop

Wait = Callable[[], Awaitable[None]]


class WatchedStore(FileStore):
    """Knows what was read from it and which of its readers are open."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read, self.opened, self.readers = 0, [], list[RangeReader]()  # type: ignore[var-annotated]

    def open(self, key: str, start: int = 0, stop: int | None = None) -> RangeReader:
        reader = super().open(key, start, stop)
        real = reader.read

        def read(size: int | None = -1, /) -> bytes:
            chunk = real(size)
            self.read += len(chunk)
            return chunk

        reader.read = read  # type: ignore[method-assign]
        self.opened.append(key)
        self.readers.append(reader)
        return reader


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    return WatchedStore(tmp_path)


def kept(store: WatchedStore, key: str, content: bytes) -> Stored:
    store.put(key, io.BytesIO(content))
    return Stored(key, 0, len(content), zlib.crc32(content))


async def taken(ahead: ReadAhead, seconds: float, after: Wait | None = None) -> list[bytes]:
    """All chunks, by a client who takes ``seconds`` for each."""
    chunks = []
    try:
        while chunk := await ahead.next():
            chunks.append(chunk)
            if after:
                await after()
            ahead.taken(len(chunk), seconds)
    finally:
        ahead.close()
        await asyncio.sleep(0.05)
    return chunks


def read(store: WatchedStore, pieces: list[Piece], seconds: float, opened: Reader | None = None) -> list[bytes]:
    async def run() -> list[bytes]:
        return await taken(ReadAhead(store, iter(pieces), opened), seconds)

    return run_in_own_loop(run())


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_the_bytes_are_the_pieces_in_their_order_at_every_pace(store: WatchedStore, seconds: float) -> None:
    contents = [os.urandom(size) for size in (1, 3 * CHUNK + 7, 9 * CHUNK, 5, 70 * CHUNK)]
    pieces: list[Piece] = []
    for number, content in enumerate(contents):
        pieces += [b"head %d" % number, kept(store, f"a/{number}", content)]
    wanted = b"".join(b"head %d" % number + content for number, content in enumerate(contents))
    opened = store.open("a/0", 0, 1)
    chunks = read(store, [*pieces, b"end"], seconds, opened)
    assert b"".join(chunks) == wanted + b"end"
    assert store.opened == [f"a/{number}" for number in range(5)], "each once, the first by who brought it"
    assert all(reader.closed for reader in store.readers)
    assert max(map(len, chunks)) == (CHUNK if seconds else LARGEST_CHUNK)


def test_a_quick_client_is_read_for_only_so_far_ahead(store: WatchedStore) -> None:
    size = 120 * CHUNK
    (store.root / "objects").mkdir(exist_ok=True)
    store.put("a/b", (bytes(CHUNK) for _ in range(120)))
    most, got = [0], [0]

    async def run() -> None:
        ahead = ReadAhead(store, iter([Stored("a/b", 0, size)]), None)

        async def settle() -> None:
            before = -1
            while store.read != before:  # whoever stops here is not read for without end
                before = store.read
                await asyncio.sleep(0.01)
            most[0] = max(most[0], store.read - got[0])
            assert store.read - got[0] <= LARGEST_CHUNK + max(CHUNK, got[0] // 4), "more than was earned"

        try:
            while chunk := await ahead.next():
                await settle()
                got[0] += len(chunk)
                ahead.taken(len(chunk), 0.0)
        finally:
            ahead.close()

    run_in_own_loop(run())
    assert got[0] == store.read == size
    assert most[0] == LARGEST_CHUNK + MOST_AHEAD


def test_the_next_original_is_opened_while_this_one_is_sent(store: WatchedStore) -> None:
    pieces = [kept(store, f"a/{number}", os.urandom(CHUNK)) for number in range(2)]

    async def run() -> None:
        ahead = ReadAhead(store, iter(pieces), None)
        await ahead.next()
        while store.read < 2 * CHUNK:  # nothing was said to be taken yet
            await asyncio.sleep(0.01)
        ahead.close()

    run_in_own_loop(run())
    assert store.opened == ["a/0", "a/1"]
    assert all(reader.closed for reader in store.readers)


@pytest.mark.parametrize("at", [0, 5 * CHUNK + 3, 40 * CHUNK - 1])
def test_promise_21_the_end_of_a_damaged_original_never_comes(store: WatchedStore, at: int) -> None:
    content = bytearray(os.urandom(40 * CHUNK))
    piece = kept(store, "a/b", bytes(content))
    content[at] ^= 1
    store.put("a/b", io.BytesIO(content), if_absent=False)
    got: list[bytes] = []

    async def run() -> None:
        ahead = ReadAhead(store, iter([piece]), None)
        try:
            while chunk := await ahead.next():
                got.append(chunk)
                ahead.taken(len(chunk), 0.0)
        finally:
            ahead.close()

    with pytest.raises(Damaged):
        run_in_own_loop(run())
    assert b"".join(got) == bytes(content[: sum(map(len, got))])
    assert sum(map(len, got)) < len(content)
    assert all(reader.closed for reader in store.readers)


def test_what_is_missing_is_told_after_all_that_was_there(store: WatchedStore) -> None:
    first = kept(store, "a/0", b"whole")
    with pytest.raises(NotFound):
        read(store, [first, Stored("a/1", 0, 3)], 0.0)
    assert store.read == 5

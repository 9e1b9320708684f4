"""What every store promises, as a program: inherit from ``Contract`` in a test and give it a fixture ``store``.

The store must be empty. Nothing here knows a test framework: a broken promise is an AssertionError.
A store that outlives its process also passes :mod:`storage.crash`.
"""
# ruff: noqa: S101, S311 - assertions are what this file is for, and its dice keep no secret

from __future__ import annotations

import hashlib
import io
import random
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from storage.blobstore import (
    MAX_KEY,
    AlreadyExists,
    BlobStore,
    InvalidKey,
    NotFound,
    StorageError,
    Stored,
    measure,
)

MIB = 1024 * 1024
BAD_KEYS = (
    *("", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a/.b", ".a", "a..b", "-a", "A", "a b", "a\\b"),
    *("a\0", "a\n", "\u0101", "a~b", "a%2fb", "a:b", "a" * (MAX_KEY + 1), "a/" * MAX_KEY),
)


class Contract:
    """The core. Each check stands alone."""

    flat_memory: ClassVar[bool] = True
    """Whether large objects pass through without being held whole."""

    most_memory: ClassVar[int] = 8 * MIB
    """What may be held of a large object, in bytes: a store that sends parts holds two of them and a copy."""

    def test_what_is_put_comes_back(self, store: BlobStore) -> None:
        for size in (0, 1, 4095, 4096, 3 * MIB + 7):
            data = random.Random(size).randbytes(size)
            expected = Stored(size, hashlib.sha256(data).hexdigest())
            assert store.put(f"sizes/{size}", io.BytesIO(data)) == expected
            assert measure(store, f"sizes/{size}") == expected
            assert store.stat(f"sizes/{size}").size == size

    def test_an_iterable_is_as_good_as_a_file(self, store: BlobStore) -> None:
        store.put("pieces", iter([b"one", b"", b"two"]))
        assert read(store, "pieces") == b"onetwo"

    def test_a_read_may_begin_and_end_anywhere(self, store: BlobStore) -> None:
        data = bytes(range(256)) * 5000
        store.put("ranges", [data])
        size, chance = len(data), random.Random(7)
        spans: list[tuple[int, int | None]] = [(0, None), (0, 0), (size, None), (size + 9, None), (0, size * 2), (9, 3)]
        spans += [(chance.randrange(size), chance.randrange(size)) for _ in range(100)]
        for start, stop in spans:
            assert read(store, "ranges", start, stop) == data[start:stop]

    def test_a_reader_seeks_within_what_was_asked_for(self, store: BlobStore) -> None:
        store.put("seek", [b"0123456789"])
        with store.open("seek", 2, 8) as reader:
            assert reader.read(2) == b"23"
            assert reader.tell() == 2
            assert reader.seek(-2, io.SEEK_END) == 4
            assert reader.read() == b"67"
            assert reader.read(5) == b""
            assert reader.seek(0) == 0
            assert reader.read(100) == b"234567"

    def test_nothing_is_found_where_nothing_is(self, store: BlobStore) -> None:
        assert not store.exists("none")
        store.delete("none")
        for ask in (store.open, store.stat):
            with raises(NotFound):
                ask("none")

    def test_a_key_is_taken_once(self, store: BlobStore) -> None:
        store.put("once", [b"first"])
        with raises(AlreadyExists):
            store.put("once", [b"second"])
        assert read(store, "once") == b"first"

    def test_a_key_can_be_replaced_on_purpose(self, store: BlobStore) -> None:
        store.put("twice", [b"first"])
        with store.open("twice") as reader:
            store.put("twice", [b"second"], if_absent=False)
            assert reader.read() == b"first", "an open reader keeps what it opened"
        assert read(store, "twice") == b"second"
        store.put("new", [b"fresh"], if_absent=False)
        assert read(store, "new") == b"fresh"

    def test_what_is_deleted_is_gone_and_its_key_free(self, store: BlobStore) -> None:
        store.put("gone", [b"first"])
        store.delete("gone")
        assert not store.exists("gone")
        store.put("gone", [b"second"])
        assert read(store, "gone") == b"second"

    def test_every_object_is_listed_by_how_its_key_begins(self, store: BlobStore) -> None:
        keys = {"a", "a/b", "a/b/c", "a/bc", "ab", "a.b", "b/a", "b/a-1", "c_d/e.f"}
        for key in keys:
            store.put(key, [key.encode()])
        for prefix in ("", "a", "a/", "a/b", "b/a-", "c_d/e.", "zz"):
            found = list(store.list(prefix))
            assert {each.key for each in found} == {key for key in keys if key.startswith(prefix)}
            assert len(found) == len({each.key for each in found})
            assert all(each.size == len(each.key) for each in found)

    def test_times_are_about_now(self, store: BlobStore) -> None:
        store.put("time", [b"x"])
        assert abs(store.stat("time").modified_at - datetime.now(UTC)) < timedelta(minutes=5)

    def test_only_keys_of_ours_are_keys(self, store: BlobStore) -> None:
        for key in BAD_KEYS:
            for attempt in (
                lambda key=key: store.put(key, [b"x"]),
                lambda key=key: store.put(key, [b"x"], if_absent=False),
                lambda key=key: store.begin().commit(key),
                lambda key=key: store.open(key),
                lambda key=key: store.stat(key),
                lambda key=key: store.exists(key),
                lambda key=key: store.delete(key),
            ):
                with raises(InvalidKey):
                    attempt()
        for prefix in ("..", "/", "a//", "A", "~"):
            with raises(InvalidKey):
                list(store.list(prefix))
        longest = "a" * MAX_KEY
        store.put(longest, [b"x"])
        assert [each.key for each in store.list()] == [longest], "a refused key leaves nothing behind"

    def test_a_writer_shows_nothing_before_its_commit(self, store: BlobStore) -> None:
        with store.begin() as writer:
            writer.write(b"half")
            assert writer.so_far == Stored(4, hashlib.sha256(b"half").hexdigest())
            writer.write(memoryview(b" and half"))
            assert list(store.list()) == []
            stored = writer.commit(f"by-content/{writer.so_far.sha256}")
        assert stored == Stored(13, hashlib.sha256(b"half and half").hexdigest())
        assert measure(store, f"by-content/{stored.sha256}") == stored

    def test_a_writer_left_without_commit_leaves_nothing(self, store: BlobStore) -> None:
        class Interrupted(Exception):
            """The sender has gone."""

        writer = store.begin()

        def interrupted() -> None:
            with writer:
                writer.write(b"x" * MIB)
                raise Interrupted

        with raises(Interrupted):
            interrupted()
        writer.abort()
        with raises(ValueError):
            writer.write(b"more")
        assert list(store.list()) == []

    def test_a_stream_that_breaks_leaves_nothing(self, store: BlobStore) -> None:
        def breaking() -> Iterator[bytes]:
            yield b"x" * MIB
            raise ConnectionResetError

        with raises(ConnectionResetError):
            store.put("broken", breaking())
        assert list(store.list()) == []

    def test_of_many_at_once_one_gets_the_key(self, store: BlobStore) -> None:
        for turn in range(10):
            key, together = f"race/{turn}", threading.Barrier(8)

            def attempt(number: int, key: str = key, together: threading.Barrier = together) -> bytes | None:
                data = bytes([number]) * 100_000
                together.wait()
                try:
                    store.put(key, [data])
                except AlreadyExists:
                    return None
                return data

            with ThreadPoolExecutor(8) as pool:
                winners = [data for data in pool.map(attempt, range(8)) if data is not None]
            assert [read(store, key)] == winners

    def test_a_reader_never_sees_a_mixture(self, store: BlobStore) -> None:
        store.put("swap", [b"\0" * 300_000])
        done = threading.Event()

        def replace() -> None:
            for number in range(60):
                store.put("swap", [bytes([number]) * 100_000] * 3, if_absent=False)
            done.set()

        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(replace)
            while not done.is_set() and not work.done():
                data = read(store, "swap")
                assert len(data) == 300_000
                assert len(set(data)) == 1
            work.result()

    def test_large_objects_pass_through_in_little_memory(self, store: BlobStore) -> None:
        if not self.flat_memory:
            return
        piece, times = b"\x5a" * MIB, 96
        tracemalloc.start()
        try:
            store.put("large", (piece for _ in range(times)))
            assert measure(store, "large").size == times * MIB
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < self.most_memory, f"{peak / MIB:.0f} MiB at the peak"


def read(store: BlobStore, key: str, start: int = 0, stop: int | None = None) -> bytes:
    """The bytes asked for, all at once."""
    with store.open(key, start, stop) as reader:
        return reader.read()


@contextmanager
def raises(kind: type[Exception]) -> Iterator[None]:
    """The block must end with this error, and with no other of the store's."""
    try:
        yield
    except kind as error:
        assert not isinstance(error, StorageError) or type(error) is kind, f"{error!r} is not exactly {kind.__name__}"
    else:
        raise AssertionError(f"no {kind.__name__}")

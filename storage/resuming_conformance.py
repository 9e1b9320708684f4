"""What every store that ``Resumes`` promises, as a program: inherit from ``ResumingContract`` beside ``Contract``.

The store must be empty. As in :mod:`storage.conformance`, a broken promise is an AssertionError. A store that outlives
its process also passes :mod:`storage.resuming_crash`.
"""
# ruff: noqa: S101, S311 - assertions are what this file is for, and its dice keep no secret

from __future__ import annotations

import hashlib
import random
import tracemalloc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from storage.blobstore import AlreadyExists, BlobStore, Busy, InvalidKey, NotFound, Torn, measure
from storage.conformance import MIB, raises, read
from storage.resuming import MAX_STATE, Progress, Resumes


class ResumingContract:
    """The power to take an object in pieces. Each check stands alone."""

    pieces: ClassVar[Sequence[int]] = (1, 70_000, 4096, 3 * MIB, 5, 600_000)
    """Sizes between flushes. A store with parts adds what is at, below and above its part."""
    tells_busy: ClassVar[bool] = True
    """Whether the store itself sees a second writer; where it does not, ``Torn`` at the end is its duty."""
    flat_memory: ClassVar[bool] = True

    def test_pieces_become_the_object(self, store: Any) -> None:
        data = _data(sum(self.pieces))
        progress = store.begin_partial("pieces", len(data))
        assert progress == Progress("pieces", len(data), 0, progress.state)
        for size in self.pieces:
            progress = _add(store, progress, data[progress.offset : progress.offset + size])
            assert len(progress.state) <= MAX_STATE
            assert list(store.list()) == [], "a partial is no object"
        assert progress.complete
        with store.open_partial(progress) as reader:
            assert reader.read() == data
        store.keep_partial(progress, "by-content/pieces")
        store.drop_partial("pieces")
        assert read(store, "by-content/pieces") == data
        assert list(store.partials()) == []

    def test_one_writer_may_flush_many_times(self, store: Any) -> None:
        data = _data(sum(self.pieces))
        progress = store.begin_partial("flushes", len(data))
        with store.resume(progress) as writer:
            assert writer.step >= 1
            for size in self.pieces:
                writer.write(memoryview(data)[progress.offset : progress.offset + size])
                progress = writer.flush()
            assert writer.flush() == progress
        assert _kept(store, progress) == data

    def test_what_was_not_flushed_is_forgotten(self, store: Any) -> None:
        data = _data(300_000)
        progress = _add(store, store.begin_partial("unflushed", len(data)), data[:100_000])
        with store.resume(progress) as writer:
            writer.write(b"\0" * 50_000)
        assert _kept(store, _add(store, progress, data[100_000:])) == data

    def test_a_flush_whose_progress_was_not_kept_is_forgotten(self, store: Any) -> None:
        """The caller died before it wrote down how far it had come, once and again, by any amount."""
        data = _data(sum(self.pieces) * 2)
        progress = store.begin_partial("unkept", len(data))
        for size in self.pieces:
            for lost in (1, 100_000, *self.pieces):
                _add(store, progress, b"\0" * min(lost, len(data) - progress.offset))
            progress = _add(store, progress, data[progress.offset : progress.offset + size])
        assert _kept(store, _add(store, progress, data[progress.offset :])) == data

    def test_a_whole_object_that_was_flushed_but_not_kept_is_sent_again(self, store: Any) -> None:
        data = _data(250_000)
        progress = _add(store, store.begin_partial("again", len(data)), data[:7])
        _add(store, progress, b"\0" * (len(data) - 7))
        assert _kept(store, _add(store, progress, data[7:])) == data

    def test_every_step_of_the_end_may_be_done_again(self, store: Any) -> None:
        data = _data(200_000)
        progress = _add(store, store.begin_partial("end", len(data)), data)
        for _turn in range(2):
            assert store.open_partial(progress).read() == data
        store.keep_partial(progress, "end/kept")
        assert store.open_partial(progress, 5, 9).read() == data[5:9], "it is there until it is dropped"
        with raises(AlreadyExists):
            store.keep_partial(progress, "end/kept")
        for _turn in range(2):
            store.drop_partial("end")
        assert read(store, "end/kept") == data
        for ask in (store.open_partial, lambda gone: store.keep_partial(gone, "end/other")):
            with raises(NotFound):
                ask(progress)

    def test_what_was_kept_is_never_cut(self, store: Any) -> None:
        """Somebody goes on from an older progress although the object was kept: refused, and the object is whole."""
        data = _data(200_000)
        half = _add(store, store.begin_partial("cut", len(data)), data[:100_000])
        store.keep_partial(_add(store, half, data[100_000:]), "cut/kept")
        with suppress(Torn, NotFound):
            _add(store, half, b"\0" * 50_000)
        assert read(store, "cut/kept") == data

    def test_a_key_that_is_taken_is_left_as_it_was(self, store: Any) -> None:
        store.put("taken", [b"first"])
        progress = _add(store, store.begin_partial("second", 6), b"second")
        with raises(AlreadyExists):
            store.keep_partial(progress, "taken")
        assert read(store, "taken") == b"first"

    def test_what_is_not_there_is_not_resumed(self, store: Any) -> None:
        with raises(NotFound):
            store.resume(Progress("none", 10))
        dropped = _add(store, store.begin_partial("dropped", 10), b"12345")
        store.drop_partial("dropped")
        with raises(NotFound):
            store.resume(dropped)
        store.drop_partial("none")

    def test_it_takes_as_many_bytes_as_were_said(self, store: Any) -> None:
        for size in (0, -1):
            with raises(ValueError):
                store.begin_partial(f"size{size}".replace("-", ""), size)
        progress = store.begin_partial("full", 10)
        with store.resume(progress) as writer, raises(ValueError):
            writer.write(b"x" * 11)
        for ask in (store.open_partial, lambda early: store.keep_partial(early, "early")):
            with raises(ValueError):
                ask(progress)
        done = _add(store, progress, b"0123456789")
        with raises(ValueError):
            store.resume(done)
        assert _kept(store, done) == b"0123456789"

    def test_a_second_writer_is_refused_while_the_first_one_writes(self, store: Any) -> None:
        if not self.tells_busy:
            return
        progress = store.begin_partial("busy", 10)
        with store.resume(progress) as writer:
            with raises(Busy):
                store.resume(progress)
            writer.write(b"01234")
            progress = writer.flush()
        assert _kept(store, _add(store, progress, b"56789")) == b"0123456789"

    def test_a_closed_writer_takes_nothing(self, store: Any) -> None:
        writer = store.resume(store.begin_partial("closed", 10))
        writer.close()
        writer.close()
        for attempt in (lambda: writer.write(b"x"), writer.flush):
            with raises(ValueError):
                attempt()

    def test_partials_are_listed_until_they_are_dropped(self, store: Any) -> None:
        for number in range(3):
            _add(store, store.begin_partial(f"listed-{number}", 10), b"x" * number)
        found = {one.key: one for one in store.partials()}
        assert set(found) == {"listed-0", "listed-1", "listed-2"}
        assert all(abs(one.modified_at - datetime.now(UTC)) < timedelta(minutes=5) for one in found.values())
        store.drop_partial("listed-1")
        assert {one.key for one in store.partials()} == {"listed-0", "listed-2"}

    def test_a_name_is_one_segment_of_a_key(self, store: Any) -> None:
        for name in ("", "a/b", "..", "A", "a b", "/a", "a~b"):
            for attempt, given in (
                (lambda name: store.begin_partial(name, 1), name),
                (lambda name: store.resume(Progress(name, 1)), name),
                (store.drop_partial, name),
            ):
                with raises(InvalidKey):
                    attempt(given)
        complete = _add(store, store.begin_partial("key", 1), b"x")
        with raises(InvalidKey):
            store.keep_partial(complete, "../key")

    def test_many_arrive_at_once(self, store: Any) -> None:
        def whole(number: int) -> bool:
            data = _data(400_000 + number)
            progress = store.begin_partial(f"many-{number}", len(data))
            while not progress.complete:
                progress = _add(store, progress, data[progress.offset : progress.offset + 150_000])
            return _kept(store, progress) == data

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(whole, range(16)))

    def test_it_is_the_power_it_says_it_is(self, store: Any) -> None:
        assert isinstance(store, Resumes)

    def test_large_objects_arrive_in_little_memory(self, store: Any) -> None:
        if not self.flat_memory:
            return
        piece, times = b"\x5a" * MIB, 96
        progress = store.begin_partial("large", times * MIB)
        with store.resume(progress) as writer:
            step = min(writer.step, 16 * MIB)
        tracemalloc.start()
        try:
            with store.resume(progress) as writer:
                for turn in range(times):
                    writer.write(piece)
                    if (turn + 1) * MIB % step == 0:
                        progress = writer.flush()
                progress = writer.flush()
            store.keep_partial(progress, "large/kept")
            assert measure(store, "large/kept").size == times * MIB
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < step + 12 * MIB, f"{peak / MIB:.0f} MiB at the peak"


def _data(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _add(store: Any, progress: Progress, data: bytes) -> Progress:
    """One request: resume, write, flush, close."""
    with store.resume(progress) as writer:
        writer.write(data)
        flushed: Progress = writer.flush()
    assert (flushed.name, flushed.size) == (progress.name, progress.size)
    assert flushed.offset == progress.offset + len(data), "a flush makes everything durable that was written"
    return flushed


def _kept(store: Any, progress: Progress) -> bytes:
    """Keeps a complete partial under the digest of what it reads back, drops it, and reads the object."""
    assert progress.complete
    with store.open_partial(progress) as reader:
        key = f"kept/{hashlib.sha256(reader.read()).hexdigest()}"
    store.keep_partial(progress, key)
    store.drop_partial(progress.name)
    blobs: BlobStore = store
    return read(blobs, key)

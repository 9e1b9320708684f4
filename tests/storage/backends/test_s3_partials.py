"""Partials in S3, against a real server: parts, tails, sudden death, late writers."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from storage.backends.s3 import S3Store
from storage.blobstore import NotFound, Torn
from storage.conformance import MIB, read
from storage.opening import open_store
from storage.resuming import MAX_STATE, Progress
from storage.resuming_conformance import ResumingContract
from storage.resuming_crash import kill_appenders
from storage.s3 import partials
from storage.s3.partials import LEAST
from storage.s3.write import PART
from tests.s3_server import S3Server

ROUNDS = int(os.environ.get("TILLPAID_FAULT_ROUNDS", "8"))


@pytest.fixture
def store(s3_server: S3Server) -> S3Store:
    made = open_store(s3_server.url())
    assert isinstance(made, S3Store)
    return made


class TestS3Partials(ResumingContract):
    pieces = (1, 70_000, LEAST - 1, LEAST, 5, PART + 1, PART, 3)
    tells_busy = False

    def test_large_objects_arrive_in_little_memory(self, store: Any) -> None:
        super().test_large_objects_arrive_in_little_memory(store)


def flushed(store: S3Store, progress: Progress, data: bytes) -> Progress:
    with store.resume(progress) as writer:
        writer.write(data)
        return writer.flush()


def test_whoever_adds_is_killed_at_random_moments_and_nothing_that_was_told_is_lost(s3_server: S3Server) -> None:
    tally = kill_appenders(s3_server.url(), kills=ROUNDS, seed=2, longest_life=1.0)
    assert tally.faults == []
    assert tally.acknowledged > tally.kills, "they were killed before they wrote anything"
    print(tally)


def test_a_late_writer_that_changed_a_part_is_seen_at_the_end(store: S3Store) -> None:
    first = store.begin_partial("late", 2 * LEAST)
    late = store.resume(first)
    late.write(b"\0" * LEAST)
    done = flushed(store, flushed(store, first, b"a" * LEAST), b"b" * LEAST)
    late.flush()
    try:
        store.keep_partial(done, "late/kept")
    except Torn:  # where the later part takes the place of the former
        assert not store.exists("late/kept")
    else:  # where both are kept, and ours is chosen
        assert read(store, "late/kept") == b"a" * LEAST + b"b" * LEAST


def test_a_part_that_is_not_ours_any_more_is_seen_at_the_end(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a store that keeps the later part only."""
    done = flushed(store, flushed(store, store.begin_partial("replaced", LEAST + 1), b"a" * LEAST), b"b")
    monkeypatch.setattr(store, "_parts", lambda *_, **__: {(1, '"other"'), (2, '"b"')})
    for attempt in (store.open_partial, lambda one: store.keep_partial(one, "replaced/kept")):
        with pytest.raises(Torn):
            attempt(done)


def test_many_parts_go_into_a_book(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partials, "RECENT", 2)
    progress = store.begin_partial("book", 5 * LEAST + 3)
    for number in range(5):
        progress = flushed(store, progress, bytes([number]) * LEAST)
        assert len(progress.state) <= MAX_STATE
    done = flushed(store, progress, b"end")
    store.keep_partial(done, "book/kept")
    assert read(store, "book/kept") == b"".join(bytes([n]) * LEAST for n in range(5)) + b"end"


def test_a_state_with_as_many_etags_as_may_be_fits() -> None:
    full = partials.Note("u" * 1000, "book-9000-abcdefabcdef", 9000, ('"' + "e" * 38 + '"',) * (partials.RECENT - 1))
    assert len(partials._state(full)) <= MAX_STATE


def test_a_late_writer_with_the_same_bytes_does_no_harm(store: S3Store) -> None:
    first = store.begin_partial("same", LEAST + 1)
    late = store.resume(first)
    late.write(b"a" * LEAST)
    half = flushed(store, first, b"a" * LEAST)
    late.flush()
    store.keep_partial(flushed(store, half, b"b"), "same/kept")
    assert read(store, "same/kept") == b"a" * LEAST + b"b"


def test_a_tail_that_was_lost_is_seen(store: S3Store) -> None:
    half = flushed(store, store.begin_partial("tail", 10), b"12345")
    (lying,) = store.listed(".partial/tail/")
    store.client.delete_object(Bucket=store.address.bucket, Key=lying["Key"])
    with pytest.raises(Torn):
        store.resume(half)


def test_a_sweep_leaves_partials_to_their_owner(store: S3Store) -> None:
    half = flushed(store, store.begin_partial("owned", 10), b"12345")
    assert store.sweep(-timedelta(minutes=1)) == 0
    store.keep_partial(flushed(store, half, b"67890"), "owned/kept")
    store.drop_partial("owned")
    assert read(store, "owned/kept") == b"1234567890"
    assert [found["Key"] for found in store.listed(".")] == []
    assert list(store.unfinished()) == []


def test_a_part_for_a_dropped_upload_is_refused(store: S3Store) -> None:
    writer = store.resume(store.begin_partial("gone", LEAST))
    writer.write(b"x" * LEAST)
    store.drop_partial("gone")
    with pytest.raises((Torn, NotFound)):
        writer.flush()


def test_a_file_of_any_size_stays_below_the_number_of_parts(store: S3Store) -> None:
    huge = store.begin_partial("huge", 500 * 1024 * MIB)
    with store.resume(huge) as writer:
        assert huge.size / writer.step < 10_000
        assert huge.size / writer._least <= 9_000

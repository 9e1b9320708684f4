"""The contract is worth something only if a bad store fails it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from storage.backends.memory import MemoryStore
from storage.blobstore import StorageError, Stored, put_through
from storage.conformance import Contract
from storage.resuming import Progress
from storage.resuming_conformance import ResumingContract

RESUMING = [name for name in dir(ResumingContract) if name.startswith("test_")]
CHECKS = [name for name in dir(Contract) if name.startswith("test_")]


class Overwrites(MemoryStore):
    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        return put_through(self, key, stream, if_absent=False)


class OffByOne(MemoryStore):
    def open(self, key: str, start: int = 0, stop: int | None = None) -> Any:
        return super().open(key, start, None if stop is None else stop + 1)


class TakesAnyKey(MemoryStore):
    def exists(self, key: str) -> bool:
        return key in self._objects


class KeepsHalves(MemoryStore):
    def put(self, key: str, stream: BinaryIO | Iterable[bytes], *, if_absent: bool = True) -> Stored:
        whole = b""
        for piece in iter(stream):
            whole += piece
            put_through(self, key, [whole], if_absent=False)
        return put_through(self, key, [whole], if_absent=False)


class ForgetsToDelete(MemoryStore):
    def delete(self, key: str) -> None:
        pass


@pytest.mark.parametrize(
    ("bad", "caught_by"),
    [
        (Overwrites, "test_a_key_is_taken_once"),
        (Overwrites, "test_of_many_at_once_one_gets_the_key"),
        (OffByOne, "test_a_read_may_begin_and_end_anywhere"),
        (TakesAnyKey, "test_only_keys_of_ours_are_keys"),
        (KeepsHalves, "test_a_stream_that_breaks_leaves_nothing"),
        (ForgetsToDelete, "test_what_is_deleted_is_gone_and_its_key_free"),
    ],
)
def test_a_bad_store_is_caught(bad: Callable[[], MemoryStore], caught_by: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = bad()
    contract = Contract()
    contract.flat_memory = False  # type: ignore[misc]
    with pytest.raises(AssertionError):
        getattr(contract, caught_by)(store)


class _Writes:
    """A writer that may do one thing wrong."""

    def __init__(self, inner: Any, **wrong: Any) -> None:
        self._inner = inner
        self.__dict__.update(wrong)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()


class NeverCuts(MemoryStore):
    """Goes on at the end of what is there, not at what was kept."""

    def resume(self, progress: Progress) -> Any:
        there = len(self._partial_of(progress.name).data)
        writer = super().resume(replace(progress, offset=min(there, progress.size - 1)))
        return _Writes(writer)


class SaysMore(MemoryStore):
    """A progress that says one byte more than is there."""

    def resume(self, progress: Progress) -> Any:
        writer = super().resume(progress)
        return _Writes(writer, flush=lambda: replace(writer.flush(), offset=writer.flush().offset + 1))


class LetsEverybodyIn(MemoryStore):
    def resume(self, progress: Progress) -> Any:
        self._partial_of(progress.name).lock = threading.Lock()
        return super().resume(progress)


class DropsWhatItKeeps(MemoryStore):
    def keep_partial(self, progress: Progress, key: str) -> None:
        super().keep_partial(progress, key)
        self.drop_partial(progress.name)


@pytest.mark.parametrize(
    ("bad", "caught_by"),
    [
        (NeverCuts, "test_a_flush_whose_progress_was_not_kept_is_forgotten"),
        (SaysMore, "test_pieces_become_the_object"),
        (LetsEverybodyIn, "test_a_second_writer_is_refused_while_the_first_one_writes"),
        (DropsWhatItKeeps, "test_every_step_of_the_end_may_be_done_again"),
    ],
)
def test_a_store_that_resumes_badly_is_caught(bad: Callable[[], MemoryStore], caught_by: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = bad()
    with pytest.raises((AssertionError, StorageError)):
        getattr(ResumingContract(), caught_by)(store)


def test_the_good_store_passes_the_same_checks() -> None:
    for name in CHECKS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            store = MemoryStore()
        if name != "test_large_objects_pass_through_in_little_memory":
            getattr(Contract(), name)(store)
    for name in RESUMING:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            store = MemoryStore()
        if name != "test_large_objects_arrive_in_little_memory":
            getattr(ResumingContract(), name)(store)

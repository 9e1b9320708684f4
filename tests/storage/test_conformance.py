"""The contract is worth something only if a bad store fails it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import pytest

from storage.backends.memory import MemoryStore
from storage.blobstore import Stored, put_through
from storage.conformance import Contract

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


def test_the_good_store_passes_the_same_checks() -> None:
    for name in CHECKS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            store = MemoryStore()
        if name != "test_large_objects_pass_through_in_little_memory":
            getattr(Contract(), name)(store)

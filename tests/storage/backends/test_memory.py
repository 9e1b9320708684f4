"""The store in memory keeps the contract, and says that it is no real store."""

from __future__ import annotations

import pytest

from storage.backends.memory import MemoryStore, NotDurable
from storage.blobstore import BadAddress, LocalPath, Presigns
from storage.conformance import Contract
from storage.opening import open_store
from storage.resuming_conformance import ResumingContract


@pytest.fixture
def store() -> MemoryStore:
    with pytest.warns(NotDurable):
        return MemoryStore()


class TestMemory(Contract, ResumingContract):
    flat_memory = False


def test_it_warns_that_it_forgets() -> None:
    with pytest.warns(NotDurable, match="lost when the process ends"):
        open_store("memory:")


def test_it_has_no_place() -> None:
    with pytest.raises(BadAddress, match="memory:"):
        open_store("memory://here")


def test_it_claims_no_powers(store: MemoryStore) -> None:
    assert not isinstance(store, LocalPath | Presigns)

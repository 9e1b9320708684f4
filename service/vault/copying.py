"""Copying one object from store to store: whole, and the very bytes that were written, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from service.vault.repository import Expected
from storage.blobstore import CHUNK, AlreadyExists, BlobStore, NotFound, Reader, StorageError, measure


class Damaged(Exception):
    """The bytes are not those that were written: nothing was kept of them. The message is the key."""


def copy(source: BlobStore, target: BlobStore, what: Expected) -> int:
    """Copies the object unless the target has it whole; bytes copied. Raises NotFound, Damaged, and the stores' own."""
    if holds(target, what):
        return 0
    with source.open(what.key) as reader, target.begin() as writer:
        for piece in _pieces(reader):
            writer.write(piece)
        found = writer.so_far
        if what.sha256 and found.sha256 != what.sha256:
            raise Damaged(what.key)
        with suppress(AlreadyExists):
            writer.commit(what.key, if_absent=what.kind == "original")
    return found.size


def holds(store: BlobStore, what: Expected) -> bool:
    """Whether the store has the object, as far as can be told without reading it: by its size. A proof has no size
    in its row, and it and a rendition may be replaced under their key, so these are read."""
    try:
        if what.kind == "original":
            return store.stat(what.key).size == what.size
        return bool(what.sha256) and measure(store, what.key).sha256 == what.sha256
    except NotFound:
        return False


def is_sound(store: BlobStore, what: Expected) -> str:
    """Empty when the object is what its row says; else missing | changed | unreadable."""
    try:
        found = measure(store, what.key)
    except NotFound:
        return "missing"
    except StorageError:
        return "unreadable"
    wrong = (what.sha256 and found.sha256 != what.sha256) or (what.size >= 0 and found.size != what.size)
    return "changed" if wrong else ""


def _pieces(reader: Reader) -> Iterator[bytes]:
    while piece := reader.read(CHUNK):
        yield piece

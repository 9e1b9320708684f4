"""Where a page's proof and renditions lie in the vault, and putting them there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile

import structlog

from service.kit.clock import Clock
from service.kit.ids import new_id
from service.previews.models import Proof, Rendition
from storage.blobstore import CHUNK, BlobStore, LocalPath, StorageError
from watermark import Page

log = structlog.get_logger("previews")


def keep_proof(store: BlobStore, clock: Clock, asset_id: str, page: Page) -> Proof:
    """Stores the clean picture of a page; the row to add for it."""
    key = f"proofs/{asset_id}/{page.number}"
    store.put(key, [page.proof], if_absent=False)
    return Proof(
        id=new_id("prf"),
        asset_id=asset_id,
        page=page.number,
        width=page.width,
        height=page.height,
        media_type=page.proof_type,
        storage_key=key,
        recipe_digest=page.digest,
        created_at=clock(),
    )


def keep_renditions(
    store: BlobStore, clock: Clock, asset_id: str, number: int, pictures: Mapping[int, bytes], digest: str
) -> list[Rendition]:
    """Stores the marked pictures of a page, by size; the rows to add for them."""
    return [_keep(store, clock, asset_id, number, size, picture, digest) for size, picture in pictures.items()]


def _keep(
    store: BlobStore, clock: Clock, asset_id: str, number: int, size: int, picture: bytes, digest: str
) -> Rendition:
    key = f"renditions/{asset_id}/{number}/{size}/{digest}"
    store.put(key, [picture], if_absent=False)
    return Rendition(
        id=new_id("ren"),
        asset_id=asset_id,
        page=number,
        size=size,
        recipe_digest=digest,
        byte_count=len(picture),
        storage_key=key,
        created_at=clock(),
    )


def forget(store: BlobStore, keys: Iterable[str]) -> None:
    """Deletes what nothing refers to any more; a fault leaves it lying, which harms nobody: it is never served."""
    for key in keys:
        try:
            store.delete(key)
        except StorageError as error:
            log.warning("old picture stays", error=type(error).__name__)


@contextmanager
def descriptor_of(store: BlobStore, key: str) -> Iterator[int]:
    """A read-only descriptor of an object: its own file, or a copy of it where the store has no files."""
    if isinstance(store, LocalPath):
        descriptor = store.open_descriptor(key)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        return
    with TemporaryFile() as copy, store.open(key) as reader:
        while piece := reader.read(CHUNK):
            copy.write(piece)
        copy.flush()
        yield copy.fileno()

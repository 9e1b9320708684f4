"""Where a page's proof and renditions lie in the vault: putting them there, and reading back only what was put."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile

import structlog

from service.kit.clock import Clock
from service.kit.ids import new_id
from service.previews.models import KeptClip, Proof, Rendition
from service.wiring import Wiring
from storage.blobstore import CHUNK, BlobStore, LocalPath, NotFound, Reader, StorageError
from watermark import Clip, Page

log = structlog.get_logger("previews")


class Damaged(Exception):
    """The bytes are not those that were written, or are gone."""


def keep_proof(store: BlobStore, clock: Clock, asset_id: str, page: Page) -> Proof:
    """Stores the clean picture of a page; the row to add for it."""
    key = f"proofs/{asset_id}/{page.number}"
    stored = store.put(key, [page.proof], if_absent=False)
    return Proof(
        id=new_id("prf"),
        asset_id=asset_id,
        page=page.number,
        width=page.width,
        height=page.height,
        media_type=page.proof_type,
        storage_key=key,
        sha256=stored.sha256,
        recipe_digest=page.digest,
        blur=page.blur,
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
    stored = store.put(key, [picture], if_absent=False)
    return Rendition(
        id=new_id("ren"),
        asset_id=asset_id,
        page=number,
        size=size,
        recipe_digest=digest,
        byte_count=len(picture),
        storage_key=key,
        sha256=stored.sha256,
        created_at=clock(),
    )


def keep_clip(wiring: Wiring, asset_id: str, clip: Clip) -> KeptClip:
    """Stores a clip, the clean one in the vault and the marked one with the renditions; the row to add for it."""
    proof_key, marked_key = f"proofs/{asset_id}/clip", f"renditions/{asset_id}/clip/{clip.digest}"
    proof = wiring.store.put(proof_key, [clip.clean], if_absent=False)
    marked = wiring.renditions.put(marked_key, [clip.marked], if_absent=False)
    return KeptClip(
        id=new_id("clp"),
        asset_id=asset_id,
        kind=clip.kind,
        width=clip.width,
        height=clip.height,
        milliseconds=round(clip.seconds * 1000),
        proof_key=proof_key,
        proof_sha256=proof.sha256,
        recipe_digest=clip.digest,
        byte_count=marked.size,
        sha256=marked.sha256,
        storage_key=marked_key,
        created_at=wiring.clock(),
    )


def open_checked(store: BlobStore, row: Rendition | Proof | KeptClip) -> Reader:
    """The row's bytes, all of them compared with their digest, from the first on; the caller closes it. Raises Damaged."""
    return open_object(store, row.storage_key, row.sha256)


def open_object(store: BlobStore, key: str, sha256: str) -> Reader:
    """The same for any object that has this digest."""
    try:
        reader = store.open(key)
    except NotFound as error:
        raise Damaged(key) from error
    if not isinstance(store, LocalPath):  # else it would be fetched twice
        with reader:
            reader = io.BytesIO(reader.read())
    digest = hashlib.sha256()
    while piece := reader.read(CHUNK):
        digest.update(piece)
    if digest.hexdigest() != sha256:
        reader.close()
        raise Damaged(key)
    reader.seek(0)
    return reader


def read_checked(store: BlobStore, row: Rendition | Proof) -> bytes:
    """The row's bytes. Raises Damaged."""
    with open_checked(store, row) as reader:
        return reader.read()


def forget(wiring: Wiring, keys: Iterable[str]) -> None:
    """Deletes what nothing refers to any more; a fault leaves it lying, which harms nobody: it is never served."""
    for key in keys:
        try:
            wiring.store_of(key).delete(key)
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

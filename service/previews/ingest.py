"""Ingest: an original becomes clean proofs and marked renditions, once, in the sandbox.

Everything lands in the store first and in the database last, in the one transaction that also ends the job. A second
run, after a crash or a lost lease, writes the same keys again. Whatever goes wrong ends as a card or a failure with
its reason; the original itself is never a way out.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from service.audit.record import SYSTEM, record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset
from service.jobs.queue import Work
from service.kit.ids import new_id
from service.previews import repository
from service.previews.keys import mark_key, proof_key, rendition_key
from service.previews.models import Proof, Rendition
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import LocalPath
from watermark.errors import MarkFailed, RecipeError, RenderStopped
from watermark.recipe import Recipe
from watermark.results import Header, Page

TRIES = 3
"""A file that ends its child this often becomes a card: a fault of the machine is rarer than a hostile file."""
CHUNK = 1024 * 1024


def ingest(work: Work, asset_id: str) -> None:
    """Makes the previews of one asset; does nothing for one that is gone."""
    wiring: Wiring = work.wiring
    with wiring.db.write() as tx:
        asset = _begin(tx, asset_id)
        if asset is not None:
            recipe, key = recipe_for(*repository.owners_of(tx, asset.delivery_id)), mark_key(wiring, asset)
            storage_key = deliveries.blob_of(tx, asset).storage_key
    if asset is None:
        with work.finish():
            return
    try:
        with _descriptor(wiring, storage_key) as source:
            header, pages = _render(wiring, asset, source, recipe, key)
    except RenderStopped as stopped:
        if work.job.attempts < TRIES or stopped.code == "sandbox_unavailable":
            raise
        header, pages = _card(stopped.code), []
    except (MarkFailed, RecipeError) as refused:
        header, pages = _card(refused.code), []
    with work.finish() as tx:
        _keep(tx, wiring, asset_id, header, pages, recipe)


def _begin(tx: Tx, asset_id: str) -> Asset | None:
    asset = deliveries.asset_for_work(tx, asset_id)
    if asset is None or asset.removed_at is not None:
        return None
    asset.state = "rendering"
    return asset


def _card(reason: str) -> Header:
    return Header(kind="card", media_type="", page_count=0, reason=reason)


@contextmanager
def _descriptor(wiring: Wiring, key: str) -> Iterator[int]:
    """A read-only descriptor of the original: the store's own file, or a copy without a name."""
    store = wiring.store
    if isinstance(store, LocalPath):
        descriptor = store.open_descriptor(key)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryFile(dir=wiring.settings.data_dir) as copy, store.open(key) as reader:
        while chunk := reader.read(CHUNK):
            copy.write(chunk)
        copy.flush()
        yield copy.fileno()


def _render(
    wiring: Wiring, asset: Asset, source: int, recipe: Recipe, key: bytes
) -> tuple[Header, list[tuple[Page, dict[int, int]]]]:
    """Runs the sandbox and puts each page into the store as it comes. Pages come back without their bytes, with the
    length of each rendition."""
    kept: list[tuple[Page, dict[int, int]]] = []
    header: Header | None = None
    with wiring.sandbox.ingest(source, filename=asset.filename, recipe=recipe, key=key) as parts:
        for part in parts:
            if isinstance(part, Header):
                header = part
                continue
            _put(wiring, proof_key(asset.id, part.number), part.proof)
            for size, content in part.renditions.items():
                _put(wiring, rendition_key(asset.id, part.number, size, part.digest), content)
            lengths = {size: len(content) for size, content in part.renditions.items()}
            bare = Page(part.number, part.width, part.height, b"", part.proof_type, {}, part.digest, part.reason)
            kept.append((bare, lengths))
    if header is None:
        raise RenderStopped(code="bad_answer")
    return header, kept


def _put(wiring: Wiring, key: str, content: bytes) -> None:
    wiring.store.put(key, BytesIO(content), if_absent=False)


def _keep(
    tx: Tx,
    wiring: Wiring,
    asset_id: str,
    header: Header,
    pages: list[tuple[Page, dict[int, int]]],
    recipe: Recipe,
) -> None:
    """Writes what came out. If the recipe changed meanwhile, the pages are marked anew before they are shown."""
    asset = deliveries.asset_for_work(tx, asset_id)
    if asset is None or asset.removed_at is not None:
        return
    repository.forget_pages(tx, asset.id)
    asset.media_type, asset.page_count = header.media_type, header.page_count
    asset.notes, asset.reason = ",".join(header.notes), header.reason or ""
    asset.state = "ready" if pages else "card"
    now = wiring.clock()
    for page, lengths in pages:
        proof = Proof(
            id=new_id("prf"),
            asset_id=asset.id,
            page=page.number,
            width=page.width,
            height=page.height,
            media_type=page.proof_type,
            storage_key=proof_key(asset.id, page.number),
            recipe_digest=page.digest,
            created_at=now,
        )
        repository.add_all(tx, [proof, *rendition_rows(wiring, asset.id, page.number, page.digest, lengths)])
    record(
        tx,
        wiring,
        asset.studio_id,
        "asset.rendered",
        actor=SYSTEM,
        delivery_id=asset.delivery_id,
        data={"asset": asset.id, "name": asset.filename, "state": asset.state, "reason": asset.reason},
    )
    if pages and recipe_for(*repository.owners_of(tx, asset.delivery_id)).digest() != recipe.digest():
        wiring.queue.enqueue(tx, "previews.remark", {"asset_id": asset.id}, key=f"remark:{asset.id}")


def rendition_rows(wiring: Wiring, asset_id: str, page: int, digest: str, lengths: dict[int, int]) -> list[Rendition]:
    """The rows for one page's renditions under one recipe."""
    return [
        Rendition(
            id=new_id("ren"),
            asset_id=asset_id,
            page=page,
            size=size,
            recipe_digest=digest,
            byte_count=length,
            storage_key=rendition_key(asset_id, page, size, digest),
            created_at=wiring.clock(),
        )
        for size, length in lengths.items()
    ]

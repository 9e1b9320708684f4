"""Making some later pages of a document, after its first."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from service.deliveries.models import Asset, Blob
from service.jobs.queue import Work
from service.previews import repository
from service.previews.ingest import MAKE_AHEAD, REMARK, gives_up
from service.previews.keep import descriptor_of, forget, keep_proof, keep_renditions
from service.previews.keys import mark_key
from service.previews.models import Proof, Rendition
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import StorageError
from watermark import Page, Recipe, Wanted, WatermarkError

log = structlog.get_logger("previews")


@dataclass
class Made:
    """Pages of a document. ``given_up``: none will come, however often they are asked for."""

    proofs: list[Proof] = field(default_factory=list)
    renditions: list[Rendition] = field(default_factory=list)
    given_up: bool = False


def more_pages(work: Work) -> None:
    """Makes the pages ``first`` to ``last`` of an asset that has previews, without those that are there. A document whose
    pages cannot be made ends before them."""
    wiring: Wiring = work.wiring
    asset_id, first, last = str(work.payload["asset_id"]), int(work.payload["first"]), int(work.payload["last"])
    with wiring.db.read() as tx:
        found = repository.work_on(tx, asset_id, lock=False)
        there = {proof.page for proof in repository.pages_of(tx, [asset_id]).get(asset_id, [])}
    lacking = [page for page in range(first, last + 1) if page not in there]
    if found is None or found[0].state != "ready" or not lacking:
        with work.finish():
            return
    asset, blob, delivery, studio = found
    recipe = recipe_for(studio, delivery)
    made = _make(work, asset, blob, recipe, Wanted(lacking[0], lacking[-1]))
    _conclude(work, asset_id, made, recipe, before=lacking[0])


def _make(work: Work, asset: Asset, blob: Blob, recipe: Recipe, wanted: Wanted) -> Made:
    wiring: Wiring = work.wiring
    key = mark_key(wiring, asset)
    made = Made()
    try:
        with (
            descriptor_of(wiring.store, blob.storage_key) as source,
            wiring.sandbox.ingest(source, filename=asset.filename, recipe=recipe, key=key, wanted=wanted) as parts,
        ):
            for page in parts:
                if isinstance(page, Page):
                    made.proofs.append(keep_proof(wiring.store, wiring.clock, asset.id, page))
                    made.renditions += keep_renditions(
                        wiring.renditions, wiring.clock, asset.id, page.number, page.renditions, page.digest
                    )
    except WatermarkError as error:
        if error.retryable and not gives_up(work, error):
            raise
        made.given_up = True
    except (StorageError, OSError) as error:
        log.error("pages", asset=asset.id, error=type(error).__name__)
        if not work.last_try:
            raise
    return made


def _conclude(work: Work, asset_id: str, made: Made, recipe: Recipe, *, before: int) -> None:
    wiring: Wiring = work.wiring
    old = {row.storage_key for row in made.proofs} | {row.storage_key for row in made.renditions}
    with work.finish() as tx:
        found = repository.work_on(tx, asset_id)
        if found is not None and found[0].state == "ready":
            asset, _blob, delivery, studio = found
            old = repository.put_pages(tx, asset_id, made.proofs, made.renditions)
            if made.given_up:
                asset.pages_shown = before - 1 + len(made.proofs)
            if delivery.state != "draft" and made.proofs:
                wiring.queue.enqueue(tx, MAKE_AHEAD, {"asset_id": asset_id}, key=f"make_ahead:{asset_id}", priority=-2)
            if recipe_for(studio, delivery).digest() != recipe.digest():
                wiring.queue.enqueue(tx, REMARK, {"asset_id": asset_id}, key=f"remark:{asset_id}")
    forget(wiring, old)

"""Marking anew from proofs, after the recipe changed: no original is decoded again."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from service.deliveries.models import Asset
from service.jobs.queue import Work
from service.previews import repository
from service.previews.ingest import MAKE_AHEAD, REMARK, gives_up
from service.previews.keep import Damaged, forget, keep_renditions, read_checked
from service.previews.keys import mark_key
from service.previews.models import Proof, Rendition
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import StorageError
from watermark import Recipe, WatermarkError

REMARK_CLIP = "previews.remark_clip"
AT_ONCE = 500
BEHIND_INGEST = -1
log = structlog.get_logger("previews")


@dataclass
class Marked:
    """New pictures of an asset, or with ``reason`` the code of why there are none."""

    reason: str = ""
    renditions: list[Rendition] = field(default_factory=list)
    blurs: dict[int, str] = field(default_factory=dict)
    """By page."""


def remark(work: Work) -> None:
    """Marks the asset's proofs by the recipe in force and drops the older renditions. Until then their addresses give
    a placeholder. A mark that cannot be put on leaves the asset failed, with its reason."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    with wiring.db.read() as tx:
        found = repository.work_on(tx, asset_id, lock=False)
        proofs = repository.pages_of(tx, [asset_id]).get(asset_id, [])
    if found is None or found[0].state != "ready":
        with work.finish():
            return
    asset, _blob, delivery, studio = found
    recipe = recipe_for(studio, delivery)
    if proofs and not work.payload.get("anew") and all(proof.recipe_digest == recipe.digest() for proof in proofs):
        with work.finish():
            return
    marked = _mark(work, asset, proofs, recipe)
    _conclude(work, asset_id, marked, recipe.digest())


def _mark(work: Work, asset: Asset, proofs: list[Proof], recipe: Recipe) -> Marked:
    wiring: Wiring = work.wiring
    key = mark_key(wiring, asset)
    marked = Marked()
    try:
        for proof in proofs:
            clean = read_checked(wiring.store, proof) if proof.sha256 else _unchecked(wiring, proof)
            made = wiring.sandbox.remark(clean, recipe=recipe, key=key, page=proof.page)
            marked.blurs[proof.page] = made.blur
            marked.renditions += keep_renditions(
                wiring.renditions, wiring.clock, asset.id, proof.page, made.pictures, recipe.digest()
            )
    except WatermarkError as error:
        if error.retryable and not gives_up(work, error):
            raise
        return Marked(reason=error.code)
    except (StorageError, OSError, Damaged) as error:
        log.error("remark", asset=asset.id, error=type(error).__name__)
        if not work.last_try:
            raise
        return Marked(reason="vault")
    return marked


def _unchecked(wiring: Wiring, proof: Proof) -> bytes:
    """A proof from before digests were kept."""
    with wiring.store.open(proof.storage_key) as reader:
        return reader.read()


def _conclude(work: Work, asset_id: str, marked: Marked, digest: str) -> None:
    wiring: Wiring = work.wiring
    with work.finish() as tx:
        found = repository.work_on(tx, asset_id)
        if found is None:
            old = {row.storage_key for row in marked.renditions}
        else:
            asset, _blob, delivery, studio = found
            old = repository.replace_pictures(tx, asset_id, marked.renditions)
            if marked.reason:
                asset.state, asset.reason = "failed", marked.reason
            for proof in repository.pages_of(tx, [asset_id]).get(asset_id, []):
                proof.recipe_digest = "" if marked.reason else digest
                proof.blur = "" if marked.reason else marked.blurs.get(proof.page, proof.blur)
            if repository.clips_of(tx, [asset_id]) and not marked.reason:
                wiring.queue.enqueue(tx, REMARK_CLIP, {"asset_id": asset_id}, key=f"remark_clip:{asset_id}")
            if not marked.reason and delivery.state != "draft":
                wiring.queue.enqueue(tx, MAKE_AHEAD, {"asset_id": asset_id}, key=f"make_ahead:{asset_id}", priority=-2)
            if recipe_for(studio, delivery).digest() != digest:
                wiring.queue.enqueue(tx, REMARK, {"asset_id": asset_id}, key=f"remark:{asset_id}")
    forget(wiring, old)


def remark_many(work: Work) -> None:
    """Queues a re-mark for every asset of ``studio_id`` (of one ``delivery_id``, if given) that has previews, some
    hundreds at a time so that nobody waits long for the database."""
    wiring: Wiring = work.wiring
    studio_id, delivery_id = str(work.payload["studio_id"]), str(work.payload.get("delivery_id", ""))
    with work.finish() as tx:
        after = str(work.payload.get("after", ""))
        found = repository.ready_assets(tx, studio_id, delivery_id, after=after, limit=AT_ONCE)
        for asset_id in found:
            wiring.queue.enqueue(tx, REMARK, {"asset_id": asset_id}, key=f"remark:{asset_id}", priority=BEHIND_INGEST)
        if len(found) == AT_ONCE:
            rest = {"studio_id": studio_id, "delivery_id": delivery_id, "after": found[-1]}
            wiring.queue.enqueue(tx, work.job.kind, rest)

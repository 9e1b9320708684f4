"""Marking a kept clip anew, after the recipe changed or its bytes were damaged: the original is not read again."""

from __future__ import annotations

from typing import cast

import structlog

from service.jobs.queue import Work
from service.previews import repository
from service.previews.ingest import gives_up
from service.previews.keep import Damaged, forget, keep_clip, open_object
from service.previews.keys import mark_key
from service.previews.models import KeptClip
from service.previews.recipe_for import recipe_for
from service.previews.remark import REMARK_CLIP
from service.wiring import Wiring
from storage.blobstore import StorageError
from watermark import Recipe, WatermarkError
from watermark.results import Kind

log = structlog.get_logger("previews")


def remark_clip(work: Work) -> None:
    """Marks the clip of ``work.payload["asset_id"]`` by the recipe in force. One that cannot be marked is shown to nobody."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    with wiring.db.read() as tx:
        found = repository.work_on(tx, asset_id, lock=False)
        clip = repository.clips_of(tx, [asset_id]).get(asset_id)
    if found is None or clip is None:
        with work.finish():
            return
    asset, _blob, delivery, studio = found
    recipe = recipe_for(studio, delivery)
    if clip.recipe_digest == recipe.digest():
        with work.finish():
            return
    key = mark_key(wiring, asset)
    _conclude(work, asset_id, clip, _marked(work, clip, recipe, key), recipe.digest())


def _marked(work: Work, clip: KeptClip, recipe: Recipe, key: bytes) -> KeptClip | None:
    """The row for the clip marked anew; None when it cannot be."""
    wiring: Wiring = work.wiring
    try:
        with open_object(wiring.store, clip.proof_key, clip.proof_sha256) as reader:
            clean = reader.read()
        made = wiring.sandbox.remark_clip(cast(Kind, clip.kind), clean, recipe=recipe, key=key)
        return keep_clip(wiring, clip.asset_id, made)
    except WatermarkError as error:
        if error.retryable and not gives_up(work, error):
            raise
        log.error("remark clip", asset=clip.asset_id, error=error.code)
    except (StorageError, OSError, Damaged) as error:
        log.error("remark clip", asset=clip.asset_id, error=type(error).__name__)
        if not work.last_try:
            raise
    return None


def _conclude(work: Work, asset_id: str, before: KeptClip, made: KeptClip | None, digest: str) -> None:
    wiring: Wiring = work.wiring
    with work.finish() as tx:
        found = repository.work_on(tx, asset_id)
        there = repository.clips_of(tx, [asset_id]).get(asset_id)
        if found is None or there is None or there.id != before.id:  # removed or read anew meanwhile
            old = {made.storage_key} if made is not None and there is None else set()
        elif made is None:
            there.recipe_digest, old = "", set()
        else:
            old = repository.replace_clip(tx, asset_id, made)
        if found is not None and recipe_for(found[3], found[2]).digest() != digest:
            wiring.queue.enqueue(tx, REMARK_CLIP, {"asset_id": asset_id}, key=f"remark_clip:{asset_id}")
    forget(wiring, old)

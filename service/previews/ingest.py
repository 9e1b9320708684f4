"""From an original to its proofs and marked renditions: decoded once, in the sandbox.

Safe to run again: what is stored has the same keys and the rows are replaced in the one transaction that ends the
job, which a worker whose lease has passed to another cannot begin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from service.db import Tx
from service.deliveries.models import Asset, Blob
from service.deliveries.reasons import MAY_PASS
from service.jobs.queue import Work
from service.previews import repository
from service.previews.ask_for_pages import ask_for_pages
from service.previews.keep import descriptor_of, forget, keep_clip, keep_proof, keep_renditions
from service.previews.keys import mark_key
from service.previews.models import KeptClip, Proof, Rendition
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import StorageError
from watermark import (
    BadSource,
    Clip,
    Header,
    MarkFailed,
    Postponed,
    Recipe,
    RecipeError,
    RenderStopped,
    Wanted,
    WatermarkError,
)

REMARK = "previews.remark"
INGEST_HEAVY = "previews.ingest_heavy"
MAKE_AHEAD = "shares.make_ahead"
"""Makes what the delivery's links lack of an asset; its handler lies a floor higher."""
TRIES_OF_A_FILE = 3
"""So often may a file end its child: then it is a card, so that it takes no more of the time of others."""
log = structlog.get_logger("previews")


@dataclass
class Outcome:
    """What became of an original. ``reason`` is a code for a card or a failure."""

    state: str
    reason: str = ""
    header: Header | None = None
    digest: str = ""
    proofs: list[Proof] = field(default_factory=list)
    renditions: list[Rendition] = field(default_factory=list)
    clip: KeptClip | None = None

    @property
    def notes(self) -> str:
        """Codes for the studio, with commas."""
        found = self.header.notes if self.header else ()
        lacking = self.header is not None and self.header.kind in ("film", "sound") and self.clip is None
        return ",".join((*found, "no_clip") if lacking else found)

    @property
    def keys(self) -> set[str]:
        """Of everything that was stored."""
        clip = {self.clip.proof_key, self.clip.storage_key} if self.clip else set()
        return clip | {row.storage_key for row in self.proofs} | {row.storage_key for row in self.renditions}


def ingest(work: Work, *, heavy: bool) -> None:
    """Makes the previews of ``work.payload["asset_id"]``: of a document its first page, and jobs for the next ones. A
    heavy file is put with the heavy ones, unless this is one of those. A fault that may pass is raised, for another try; one that
    will not leaves a card or a failed asset with its reason, and never shows the original."""
    wiring: Wiring = work.wiring
    asset_id = str(work.payload["asset_id"])
    begun = _begin(wiring, asset_id)
    if begun is None:
        with work.finish():
            return
    asset, blob, recipe = begun
    try:
        outcome = _decode(work, asset, blob, recipe, heavy=heavy)
    except Postponed:
        with work.finish() as tx:
            wiring.queue.enqueue(tx, INGEST_HEAVY, {"asset_id": asset_id}, key=f"ingest_heavy:{asset_id}")
        return
    with work.finish() as tx:
        old = _conclude(tx, wiring, asset_id, outcome)
    forget(wiring, old)


def _begin(wiring: Wiring, asset_id: str) -> tuple[Asset, Blob, Recipe] | None:
    """What to work on, shown as rendering; None when it was removed meanwhile."""
    with wiring.db.write() as tx:
        found = repository.work_on(tx, asset_id)
        if found is None:
            return None
        asset, blob, delivery, studio = found
        if asset.state == "queued":  # a worker that comes late must not undo an end
            asset.state = "rendering"
        return asset, blob, recipe_for(studio, delivery)


def _decode(work: Work, asset: Asset, blob: Blob, recipe: Recipe, *, heavy: bool) -> Outcome:
    """Runs the sandbox; turns what cannot be helped into an outcome and lets the rest be raised."""
    try:
        return _pictures(work.wiring, asset, blob, recipe, Wanted(last=1, heavy=heavy))
    except BadSource as error:
        return Outcome("card", error.code)
    except (MarkFailed, RecipeError) as error:
        return Outcome("failed", error.code)
    except RenderStopped as error:
        if gives_up(work, error):
            return Outcome("card" if error.code in MAY_PASS else "failed", error.code)
        raise
    except (StorageError, OSError) as error:
        log.error("ingest", asset=asset.id, error=type(error).__name__)
        if work.last_try:
            return Outcome("failed", "vault")
        raise


def gives_up(work: Work, error: WatermarkError) -> bool:
    """Whether another try is not worth it."""
    return work.last_try or (error.code in MAY_PASS and work.job.attempts >= TRIES_OF_A_FILE)


def _pictures(wiring: Wiring, asset: Asset, blob: Blob, recipe: Recipe, wanted: Wanted) -> Outcome:
    outcome = Outcome("ready", digest=recipe.digest())
    key = mark_key(wiring, asset)
    with (
        descriptor_of(wiring.store, blob.storage_key) as source,
        wiring.sandbox.ingest(source, filename=asset.filename, recipe=recipe, key=key, wanted=wanted) as parts,
    ):
        for part in parts:
            if isinstance(part, Header):
                outcome.header = part
                continue
            if isinstance(part, Clip):
                outcome.clip = keep_clip(wiring, asset.id, part)
                continue
            outcome.proofs.append(keep_proof(wiring.store, wiring.clock, asset.id, part))
            outcome.renditions += keep_renditions(
                wiring.renditions, wiring.clock, asset.id, part.number, part.renditions, part.digest
            )
    if not outcome.proofs:
        outcome.state = "card"
        outcome.reason = (outcome.header and outcome.header.reason) or "unsupported"
    return outcome


def _conclude(tx: Tx, wiring: Wiring, asset_id: str, outcome: Outcome) -> set[str]:
    """Writes the outcome; returns the store's keys that are no longer referred to."""
    found = repository.work_on(tx, asset_id)
    if found is None:  # removed while we worked: nothing of it stays
        return outcome.keys
    asset, _blob, delivery, studio = found
    old = repository.replace_pictures(tx, asset_id, outcome.renditions, outcome.proofs)
    old |= repository.replace_clip(tx, asset_id, outcome.clip)
    asset.state, asset.reason = outcome.state, outcome.reason
    if outcome.header is not None:
        asset.media_type = outcome.header.media_type
        asset.page_count = outcome.header.page_count
        asset.pages_shown = min(asset.page_count, wiring.settings.work.max_pages)
        asset.notes = outcome.notes
    if outcome.state == "ready":
        ask_for_pages(tx, wiring, asset, 2)
    if outcome.state == "ready" and delivery.state != "draft":  # before that there is no link
        wiring.queue.enqueue(tx, MAKE_AHEAD, {"asset_id": asset_id}, key=f"make_ahead:{asset_id}", priority=-2)
    if outcome.state == "ready" and recipe_for(studio, delivery).digest() != outcome.digest:
        wiring.queue.enqueue(tx, REMARK, {"asset_id": asset_id}, key=f"remark:{asset_id}")
    return old

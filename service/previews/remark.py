"""Marking anew from the proofs, after a change of recipe. Originals are not decoded again."""

from __future__ import annotations

from io import BytesIO

from service.deliveries import repository as deliveries
from service.jobs.queue import Work
from service.previews import repository
from service.previews.ingest import TRIES, rendition_rows
from service.previews.keys import mark_key, rendition_key
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from watermark.errors import MarkFailed, RecipeError, RenderStopped


def remark_studio(work: Work, studio_id: str) -> None:
    """Queues every asset of the studio that has previews; those already at its recipe end quickly."""
    with work.finish() as tx:
        for asset_id in deliveries.assets_of_studio(tx, studio_id, ("ready",)):
            work.wiring.queue.enqueue(tx, "previews.remark", {"asset_id": asset_id}, key=f"remark:{asset_id}")


def remark(work: Work, asset_id: str) -> None:
    """Makes one asset's renditions under the current recipe and forgets the old ones. An asset that cannot be
    marked becomes a card: it is not shown with its old mark either."""
    wiring: Wiring = work.wiring
    with wiring.db.read() as tx:
        asset = deliveries.asset_for_work(tx, asset_id)
        if asset is not None and asset.removed_at is None:
            recipe = recipe_for(*repository.owners_of(tx, asset.delivery_id))
            proofs = repository.pages_of(tx, [asset.id]).get(asset.id, [])
            done = repository.marked_at(tx, asset.id, recipe.digest())
        else:
            done = True
    if asset is None or done:
        with work.finish():
            return
    failure, lengths = "", {}
    try:
        key, digest = mark_key(wiring, asset), recipe.digest()
        for proof in proofs:
            with wiring.store.open(proof.storage_key) as reader:
                made = wiring.sandbox.remark(reader.read(), recipe=recipe, key=key, page=proof.page)
            for size, content in made.items():
                wiring.store.put(rendition_key(asset.id, proof.page, size, digest), BytesIO(content), if_absent=False)
            lengths[proof.page] = {size: len(content) for size, content in made.items()}
    except RenderStopped as stopped:
        if work.job.attempts < TRIES or stopped.code == "sandbox_unavailable":
            raise
        failure = stopped.code
    except (MarkFailed, RecipeError) as refused:
        failure = refused.code
    _keep(work, asset_id, recipe.digest(), lengths, failure)


def _keep(work: Work, asset_id: str, digest: str, lengths: dict[int, dict[int, int]], failure: str) -> None:
    """Swaps the rows in one transaction; the old pictures' bytes go after it."""
    wiring: Wiring = work.wiring
    with work.finish() as tx:
        asset = deliveries.asset_for_work(tx, asset_id)
        if asset is None or asset.removed_at is not None:
            return
        if failure:
            asset.state, asset.reason = "card", failure
            stale = repository.forget_pages(tx, asset_id)
        else:
            stale = repository.forget_renditions(tx, asset_id, keep=digest)
            there = repository.rendition_rows(tx, asset_id, digest)
            for page, by_size in lengths.items():
                new = {size: length for size, length in by_size.items() if (page, size) not in there}
                repository.add_all(tx, rendition_rows(wiring, asset_id, page, digest, new))
            repository.set_digest(tx, asset_id, digest)
            if recipe_for(*repository.owners_of(tx, asset.delivery_id)).digest() != digest:
                wiring.queue.enqueue(tx, "previews.remark", {"asset_id": asset.id}, key=f"remark:{asset.id}")
    for key in stale:
        wiring.store.delete(key)

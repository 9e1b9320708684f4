"""A kept picture whose bytes are not what was written: forgotten, and made anew from what it was made from."""

from __future__ import annotations

from service.db import Tx
from service.previews import repository
from service.previews.ingest import REMARK
from service.previews.models import KeptClip, Rendition
from service.previews.remark import REMARK_CLIP
from service.previews.render import Viewer
from service.wiring import Wiring


def mend(tx: Tx, wiring: Wiring, viewer: Viewer, damaged: Rendition) -> set[str]:
    """A link's rendition is dropped: the next request makes another. A marked master is made anew from its proof, by a job.
    Returns the store's keys that nothing refers to now; does nothing when the row was replaced meanwhile."""
    row = repository.same_rendition(tx, viewer.delivery_id, damaged)
    if row is None:
        return set()
    if row.link_id:
        return repository.drop_rendition(tx, row)
    for proof in repository.pages_of(tx, [row.asset_id]).get(row.asset_id, []):
        proof.recipe_digest = ""
    wiring.queue.enqueue(tx, REMARK, {"asset_id": row.asset_id}, key=f"remark:{row.asset_id}")
    return set()


def mend_clip(tx: Tx, wiring: Wiring, damaged: KeptClip) -> None:
    """A marked clip is shown no more, and made anew from its clean one by a job."""
    row = repository.clips_of(tx, [damaged.asset_id]).get(damaged.asset_id)
    if row is None or row.id != damaged.id:
        return
    row.recipe_digest = ""
    wiring.queue.enqueue(tx, REMARK_CLIP, {"asset_id": row.asset_id}, key=f"remark_clip:{row.asset_id}")

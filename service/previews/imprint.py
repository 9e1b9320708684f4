"""Making a link's renditions: its forensic mark laid on marked masters, in the sandbox, and read back before they are kept.

A picture that has too few pixels for the mark, or from which it does not read back at any strength, is served with the
visible mark alone, and its row says so. Anything else that goes wrong makes no picture at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.db import Tx
from service.kit.ids import new_id
from service.previews import repository
from service.previews.keep import read_checked
from service.previews.models import Rendition
from service.previews.render import Viewer
from service.previews.trace_key import marking_key
from service.wiring import Wiring


def imprint(wiring: Wiring, link: Viewer, masters: Sequence[Rendition]) -> list[Rendition]:
    """The link's pictures, stored, one for each of these masters; the rows are for ``keep_imprinted`` to add.

    Call it in a worker thread, outside any transaction. Raises Damaged, WatermarkError, and the store's errors.
    """
    assert link.trace_id is not None  # noqa: S101 - the studio's own pictures are the masters
    marked = [read_checked(wiring.renditions, master) for master in masters]
    made = wiring.sandbox.imprint(marked, payload=link.trace_id, key=marking_key(wiring))
    return [_store(wiring, link, master, one.picture, one.trace) for master, one in zip(masters, made, strict=True)]


def _store(wiring: Wiring, link: Viewer, master: Rendition, picture: bytes, trace: str) -> Rendition:
    """Under a key that nothing else has: another process may be making the same one."""
    rendition_id = new_id("ren")
    key = f"renditions/{master.asset_id}/{master.page}/{master.size}/{link.id}/{rendition_id}"
    stored = wiring.renditions.put(key, [picture])
    return Rendition(
        id=rendition_id,
        asset_id=master.asset_id,
        page=master.page,
        size=master.size,
        link_id=link.id,
        recipe_digest=master.recipe_digest,
        byte_count=stored.size,
        sha256=stored.sha256,
        storage_key=key,
        trace=trace,
        trace_key_id=wiring.signer.current_fingerprint,
        created_at=wiring.clock(),
    )


def keep_imprinted(tx: Tx, link: Viewer, made: Sequence[Rendition]) -> set[str]:
    """Adds the rows, in the place of older ones; returns the store's keys that nothing refers to now. What was made from a
    master that has been replaced or removed meanwhile is not added."""
    unused: set[str] = set()
    for row in made:
        place = (link.delivery_id, row.asset_id, row.page, row.size, row.recipe_digest)
        master, _ = repository.master_and_own(tx, *place)
        unused |= repository.put_rendition(tx, row) if master is not None else {row.storage_key}
    return unused

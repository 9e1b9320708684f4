"""Who may write to an upload: one at a time, by a lease in its row that nobody waits for.

A lease lasts as long as bytes keep coming and a little longer, so a sender that has vanished gives way by itself. The
fence grows with every lease: whoever lost theirs can change the row no more. The store's own lock (files have one) lies
beside this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.db import Tx
from service.errors import Busy, Conflict
from service.kit.translate import N_
from service.uploads import repository
from service.uploads.models import Upload
from service.wiring import Wiring
from storage.resuming import Progress

LEASE = timedelta(seconds=12)
RENEW_AFTER = 3.0
"""Seconds after which a lease that is being used is prolonged."""


@dataclass
class Held:
    """A lease. ``progress`` is what the row says; ``advance`` keeps the two alike."""

    studio_id: str
    upload_id: str
    fence: int
    progress: Progress


def take(tx: Tx, wiring: Wiring, studio_id: str, upload_id: str, *, offset: int | None = None) -> Held:
    """The lease, if nobody has it. Raises NotFound, Busy, and Conflict when the upload does not stand at ``offset``
    or has become an asset already."""
    now = wiring.clock()
    row = repository.upload_of(tx, studio_id, upload_id, now, lock=True)
    if row.asset_id is not None:
        raise Conflict(N_("This file has arrived and was added already."), code="upload_done")
    if row.lease_until is not None and row.lease_until > now:
        raise Busy(retry_after=1)
    if offset is not None and offset != row.offset:
        raise Conflict(
            N_("The upload stands at %(offset)s bytes, not where this piece begins."),
            code="offset_mismatch",
            offset=row.offset,
        )
    row.fence += 1
    row.lease_until = now + LEASE
    return Held(studio_id, row.id, row.fence, Progress(row.id, row.size, row.offset, row.state))


def advance(tx: Tx, wiring: Wiring, held: Held, progress: Progress, *, release: bool = False) -> None:
    """Writes down how far it has come and prolongs the lease, or gives it back. Raises Busy when it was lost."""
    now = wiring.clock()
    row = held_row(tx, wiring, held)
    row.offset, row.state = progress.offset, progress.state
    row.lease_until = None if release else now + LEASE
    row.expires_at = now + timedelta(hours=wiring.settings.uploads.resume_hours)
    held.progress = progress


def held_row(tx: Tx, wiring: Wiring, held: Held) -> Upload:
    """The row, held to the end of the transaction; raises Busy when the lease has passed to somebody else."""
    row = repository.upload_of(tx, held.studio_id, held.upload_id, wiring.clock(), lock=True)
    if row.fence != held.fence:
        raise Busy(retry_after=1)
    return row

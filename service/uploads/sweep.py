"""Clearing up: expired uploads are forgotten, and those whose sender left after the last byte are brought to their end.

Done once an hour for all of them.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from service.errors import Busy, NotFound, TillpaidError
from service.jobs.queue import Work
from service.uploads import lease, repository
from service.uploads.complete import drop, is_final, keep, refuse, settle, slices
from service.uploads.lease import Held
from service.uploads.models import Upload
from service.uploads.store import store_of
from service.wiring import Wiring
from storage.blobstore import NotFound as NothingKept
from storage.blobstore import StorageError, Torn
from storage.resuming import Progress

SWEEP = "uploads.sweep"
SWEEP_EVERY = timedelta(hours=1)
AT_ONCE = 200
log = structlog.get_logger("upload")


def sweep_uploads(work: Work) -> None:
    """Does a round."""
    wiring: Wiring = work.wiring
    with wiring.db.read() as tx:
        rows = repository.idle(tx, wiring.clock(), limit=AT_ONCE)
    forgotten = completed = 0
    for row in rows:
        try:
            if row.expires_at <= wiring.clock():
                forgotten += _forget(wiring, row)
            else:
                completed += _complete(wiring, row)
        except (TillpaidError, StorageError) as error:  # the next round tries again
            log.warning("upload_not_swept", upload=row.id, error=type(error).__name__)
    strays = _drop_strays(wiring)
    with work.finish():
        pass
    log.info("uploads_swept", forgotten=forgotten, completed=completed, strays=strays)


def _forget(wiring: Wiring, row: Upload) -> bool:
    """An upload that expired: its bytes, if it never became an asset, then its row."""
    drop(wiring, Held(row.studio_id, row.id, row.fence, Progress(row.id, row.size)))
    with wiring.db.write() as tx:
        return repository.remove_expired(tx, row.studio_id, row.id, wiring.clock())


def _complete(wiring: Wiring, row: Upload) -> bool:
    """An upload whose bytes are all there becomes the asset it was sent to be."""
    try:
        with wiring.db.write() as tx:
            held = lease.take(tx, wiring, row.studio_id, row.id)
    except (Busy, NotFound):
        return False
    try:
        for digest in slices(wiring, held):  # noqa: B007 - the last one counts
            with wiring.db.write() as tx:
                lease.advance(tx, wiring, held, held.progress)
        stored = keep(wiring, held, digest)
        try:
            with wiring.db.write() as tx:
                settle(tx, wiring, held, stored)
        except TillpaidError as error:
            if is_final(error):
                with wiring.db.write() as tx:
                    refuse(tx, wiring, held, stored)
                drop(wiring, held)
            raise
    except (Torn, NothingKept):
        with wiring.db.write() as tx:
            repository.remove(tx, lease.held_row(tx, wiring, held))
        raise
    drop(wiring, held)
    return True


def _drop_strays(wiring: Wiring) -> int:
    """Partials that no row speaks of: a database from a backup is older than its store. Young ones are left alone."""
    store = store_of(wiring)
    before = wiring.clock() - timedelta(hours=wiring.settings.uploads.resume_hours)
    old = [one.key for one in store.partials() if one.modified_at < before]
    with wiring.db.read() as tx:
        strays = set(old) - repository.known(tx, old)
    for name in strays:
        store.drop_partial(name)
    return len(strays)

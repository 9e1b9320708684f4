"""The store's power to take files in pieces."""

from __future__ import annotations

from contextlib import suppress

from service.errors import Unavailable
from service.kit.translate import N_
from service.wiring import Wiring
from storage.blobstore import AlreadyExists
from storage.resuming import PartialWriter, Progress, Resumes


def store_of(wiring: Wiring) -> Resumes:
    """Raises Unavailable where the store cannot do that."""
    store = wiring.store
    if not isinstance(store, Resumes):
        raise Unavailable(N_("Files cannot be sent in pieces here. Send them whole."), code="not_resumable")
    return store


def open_writer(wiring: Wiring, progress: Progress) -> PartialWriter:
    """Goes on where the row says. An upload at its beginning begins anew: what a crash left of it is dropped first."""
    store = store_of(wiring)
    if progress.offset == 0:
        with suppress(AlreadyExists):
            return store.resume(store.begin_partial(progress.name, progress.size))
        store.drop_partial(progress.name)
        progress = store.begin_partial(progress.name, progress.size)
    return store.resume(progress)

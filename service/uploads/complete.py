"""The end of an upload: its bytes are all there; they are kept under the key of their content and become an asset.

May be begun again after any crash: the row says that all bytes are there, so nothing is cut off any more; keeping them
twice is keeping them once; and the asset, the event and the ingest job come in one transaction with the row that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries.add_asset import StoredBytes, add_asset, original_key
from service.deliveries.models import Asset
from service.deliveries.upload_assets import delete_unreferenced
from service.errors import TillpaidError, Unavailable
from service.settings import MIB
from service.uploads import repository
from service.uploads.digests import Digest, digests_of
from service.uploads.lease import Held, held_row
from service.uploads.store import store_of
from service.wiring import Wiring
from storage.blobstore import CHUNK, AlreadyExists, StorageError

SLICE = 256 * CHUNK
"""What is read back at a time, between two looks at the lease."""


def slices(wiring: Wiring, held: Held) -> Iterator[Digest]:
    """The digest of a complete upload: at once when it is known, else read back slice by slice; the last one counts."""
    known = digests_of(wiring).at(held.upload_id, held.progress.size)
    if known is not None:
        yield known
        return
    digest = Digest()
    with store_of(wiring).open_partial(held.progress) as reader:
        while piece := reader.read(CHUNK):
            digest.update(piece)
            if digest.offset % SLICE == 0:
                yield digest
    digests_of(wiring).keep(held.upload_id, digest)
    yield digest


def keep(wiring: Wiring, held: Held, digest: Digest) -> StoredBytes:
    """Makes the bytes durable under the key of their content."""
    sha256 = digest.sha256.hexdigest()
    stored = StoredBytes(sha256, digest.offset, digest.crc32, original_key(held.studio_id, sha256))
    with suppress(AlreadyExists):  # the same content is the same object
        store_of(wiring).keep_partial(held.progress, stored.key)
    return stored


def settle(tx: Tx, wiring: Wiring, held: Held, stored: StoredBytes) -> Asset:
    """The asset, with its event and ingest job; the upload is done. Raises as ``add_asset`` does, and Busy."""
    studio = accounts.studio_for_update(tx, held.studio_id)
    row = held_row(tx, wiring, held)
    if not wiring.store.exists(stored.key):  # another request gave the same content back meanwhile
        raise Unavailable(retry_after=1)
    asset = add_asset(
        tx,
        wiring,
        studio_id=row.studio_id,
        delivery_id=row.delivery_id,
        stored=stored,
        filename=row.filename,
        path=row.path,
        tier=row.tier,
        actor=row.actor,
        quota_bytes=(studio.quota_mib or wiring.settings.uploads.studio_quota_mib) * MIB,
        position=row.position,
    )
    row.asset_id, row.lease_until = asset.id, None
    return asset


def is_final(error: TillpaidError) -> bool:
    """Whether an upload that ends so can never become an asset: it is forgotten then, and its room given back."""
    return not error.retryable


def refuse(tx: Tx, wiring: Wiring, held: Held, stored: StoredBytes) -> None:
    """Forgets an upload that cannot become an asset; ``drop`` follows."""
    delete_unreferenced(tx, wiring, held.studio_id, [stored])
    repository.remove(tx, held_row(tx, wiring, held))


def drop(wiring: Wiring, held: Held) -> None:
    """Clears away what the store had beside the object. A fault leaves it to the sweep."""
    digests_of(wiring).forget(held.upload_id)
    with suppress(StorageError):
        store_of(wiring).drop_partial(held.upload_id)

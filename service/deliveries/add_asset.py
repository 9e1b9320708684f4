"""Putting an original, whose bytes are safe in the vault already, into a delivery."""

from __future__ import annotations

from dataclasses import dataclass

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository
from service.deliveries.models import Asset, Blob
from service.deliveries.rules import check_open
from service.errors import BadInput, TooLarge
from service.kit.ids import new_id
from service.kit.names import safe_name, safe_path
from service.kit.translate import N_
from service.wiring import Wiring

TIERS = ("final", "source")
INGEST = "previews.ingest"


@dataclass(frozen=True)
class StoredBytes:
    """Bytes that are durable in the vault under ``key``: SHA-256 in hex, size in bytes, CRC-32 of the whole."""

    sha256: str
    size: int
    crc32: int
    key: str


def original_key(studio_id: str, sha256: str) -> str:
    """Where a studio's bytes of that content lie in the vault: the same content, the same place."""
    return f"originals/{studio_id}/{sha256}"


def add_asset(
    tx: Tx,
    wiring: Wiring,
    *,
    studio_id: str,
    delivery_id: str,
    stored: StoredBytes,
    filename: str,
    path: str = "",
    tier: str = "final",
    actor: str,
    quota_bytes: int = 0,
    position: int | None = None,
) -> Asset:
    """The new asset, with its ingest job queued in the same transaction.

    Content that the studio has already is kept once; every asset still gets previews with its own mark. ``path`` is
    the folder it came in. ``quota_bytes`` 0 is no limit. ``position`` None is after all others. Raises NotFound, Conflict (withdrawn), BadInput (tier) and
    TooLarge (quota): the caller then leaves the bytes unreferenced.
    """
    delivery = repository.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_open(delivery.state)
    check_tier(tier)
    blob = _blob(tx, wiring, studio_id, stored, quota_bytes)
    asset = Asset(
        id=new_id("ast"),
        studio_id=studio_id,
        delivery_id=delivery.id,
        blob_id=blob.id,
        sha256=blob.sha256,
        size=blob.size,
        filename=safe_name(filename),
        path=safe_path(path) if path.strip("/\\ .") else "",
        tier=tier,
        mark_key_id=wiring.signer.current_fingerprint,
        position=position or repository.last_position(tx, delivery.id) + 1,
        created_at=wiring.clock(),
    )
    repository.add(tx, asset)
    _tell(tx, wiring, asset, actor)
    return asset


def _tell(tx: Tx, wiring: Wiring, asset: Asset, actor: str) -> None:
    """The event, and the job that makes the previews."""
    told = {"asset": asset.id, "name": asset.filename, "size": asset.size, "sha256": asset.sha256, "tier": asset.tier}
    record(tx, wiring, asset.studio_id, "asset.added", actor=actor, delivery_id=asset.delivery_id, data=told)
    wiring.queue.enqueue(tx, INGEST, {"asset_id": asset.id}, key=f"ingest:{asset.id}")


def check_tier(tier: str) -> None:
    """Raises BadInput unless ``tier`` is final or source."""
    if tier not in TIERS:
        raise BadInput(N_("The tier is either final (the finished work) or source (editable files)."), field="tier")


def _blob(tx: Tx, wiring: Wiring, studio_id: str, stored: StoredBytes, quota_bytes: int) -> Blob:
    """The studio's row for this content, made if it is new; raises TooLarge when it would pass the quota."""
    known = repository.blob_by_content(tx, studio_id, stored.sha256)
    if known is not None and known.freed_at is None:
        return known
    if quota_bytes and repository.bytes_kept(tx, studio_id) + stored.size > quota_bytes:
        raise TooLarge(
            N_("There is not enough room left for this file in your studio. Nothing was kept of it."), code="quota"
        )
    if known is not None:  # its bytes were freed once, and have come again
        known.freed_at = None
        return known
    blob = Blob(
        id=new_id("blb"),
        studio_id=studio_id,
        sha256=stored.sha256,
        size=stored.size,
        crc32=stored.crc32,
        storage_key=stored.key,
        created_at=wiring.clock(),
    )
    repository.add(tx, blob)
    return blob

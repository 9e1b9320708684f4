"""SQL for releases and grants. Every look-up goes through a delivery, a link or a studio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from service.accounts.models import Studio
from service.db import Base, Tx, locked
from service.deliveries.models import Asset, Blob, Delivery, Instalment
from service.releases.models import Grant, Release
from service.shares.models import ShareLink


@dataclass(frozen=True)
class GrantChain:
    """A grant and every row that must permit it, read together."""

    grant: Grant
    release: Release
    delivery: Delivery
    link: ShareLink
    studio: Studio


def add(tx: Tx, row: Base) -> None:
    tx.add(row)
    tx.flush()


def release_in_force(tx: Tx, delivery_id: str, *, lock: bool = True) -> Release | None:
    """The release of everything that is not ended, locked unless it is only shown; None while the delivery is held."""
    query = select(Release).where(
        Release.delivery_id == delivery_id, Release.ended_at.is_(None), Release.instalment_id == ""
    )
    return tx.scalar(locked(query) if lock else query)


def parts_in_force(tx: Tx, delivery_id: str, *, lock: bool = True) -> list[tuple[Release, Instalment]]:
    """The releases, not ended, of what single instalments open, each with its instalment, in order; the releases locked
    unless they are only shown."""
    query = (
        select(Release, Instalment)
        .join(Instalment, Release.instalment_id == Instalment.id)
        .where(
            Release.delivery_id == delivery_id,
            Release.ended_at.is_(None),
            Instalment.delivery_id == delivery_id,
            Instalment.opened_at.is_not(None),
        )
        .order_by(Instalment.position)
    )
    return list(tx.execute(locked(query, of=Release) if lock else query))


def instalment_open(tx: Tx, release: Release) -> bool:
    """Whether the instalment of a part's release is of its delivery and open."""
    query = select(Instalment.opened_at).where(
        Instalment.id == release.instalment_id, Instalment.delivery_id == release.delivery_id
    )
    return tx.scalar(query) is not None


def releases_of(tx: Tx, delivery_id: str) -> list[Release]:
    """All releases of a delivery, the newest first."""
    query = select(Release).where(Release.delivery_id == delivery_id).order_by(Release.at.desc(), Release.id)
    return list(tx.scalars(query))


def hold_grants(tx: Tx, delivery_id: str) -> None:
    """Locks the delivery's live grants, for who will write to the log before revoking them: a download that begins holds
    its grant and then the log."""
    query = select(Grant).where(Grant.delivery_id == delivery_id, Grant.revoked_at.is_(None)).order_by(Grant.id)
    list(tx.scalars(locked(query)))


def revoke_grants(tx: Tx, release_id: str, now: datetime) -> int:
    """Revokes every live grant of a release; returns how many there were."""
    done = tx.execute(
        update(Grant).where(Grant.release_id == release_id, Grant.revoked_at.is_(None)).values(revoked_at=now)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def grant_for(tx: Tx, release_id: str, link_id: str, asset_id: str) -> Grant | None:
    """The grant of this link for this asset ("" is the whole delivery), locked."""
    query = select(Grant).where(Grant.release_id == release_id, Grant.link_id == link_id, Grant.asset_id == asset_id)
    return tx.scalar(locked(query))


def grants_of(tx: Tx, delivery_id: str) -> list[tuple[Grant, ShareLink]]:
    """The delivery's grants under the release in force, with the link each came through."""
    query = (
        select(Grant, ShareLink)
        .join(Release, Grant.release_id == Release.id)
        .join(ShareLink, Grant.link_id == ShareLink.id)
        .where(Grant.delivery_id == delivery_id, Release.ended_at.is_(None))
        .order_by(Grant.created_at, Grant.id)
    )
    return list(tx.execute(query))


def chain_of(tx: Tx, grant_id: str) -> GrantChain | None:
    """The grant with the release, delivery, link and studio it hangs from; the grant's row is locked."""
    query = (
        select(Grant, Release, Delivery, ShareLink, Studio)
        .join(Release, Grant.release_id == Release.id)
        .join(Delivery, Grant.delivery_id == Delivery.id)
        .join(ShareLink, Grant.link_id == ShareLink.id)
        .join(Studio, Delivery.studio_id == Studio.id)
        .where(Grant.id == grant_id, Release.delivery_id == Grant.delivery_id, ShareLink.delivery_id == Delivery.id)
    )
    row = tx.execute(locked(query, of=Grant)).one_or_none()
    return GrantChain(*row) if row else None


def originals_of(tx: Tx, release: Release, asset_id: str = "") -> list[tuple[Asset, Blob]]:
    """The assets that ``release`` lets have, of those still in the delivery (or the one), with their bytes' rows, in order."""
    query = (
        select(Asset, Blob)
        .join(Blob, Asset.blob_id == Blob.id)
        .where(Asset.delivery_id == release.delivery_id, Asset.removed_at.is_(None))
        .order_by(Asset.position, Asset.id)
    )
    if release.instalment_id:
        query = query.where(Asset.instalment_id == release.instalment_id)
    if asset_id:
        query = query.where(Asset.id == asset_id)
    return list(tx.execute(query))

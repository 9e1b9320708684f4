"""SQL for proofs and renditions. A client's look-up goes through the delivery of their link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from service.accounts.models import Studio
from service.db import Base, Tx
from service.deliveries.models import Asset, Delivery
from service.previews.models import Proof, Rendition


def add_all(tx: Tx, rows: Sequence[Base]) -> None:
    tx.add_all(rows)
    tx.flush()


def pages_of(tx: Tx, asset_ids: Sequence[str]) -> dict[str, list[Proof]]:
    """The proofs of these assets by asset, in page order: one query however many there are."""
    found: dict[str, list[Proof]] = {}
    if asset_ids:
        query = select(Proof).where(Proof.asset_id.in_(asset_ids)).order_by(Proof.asset_id, Proof.page)
        for proof in tx.scalars(query):
            found.setdefault(proof.asset_id, []).append(proof)
    return found


def rendition_of(tx: Tx, delivery_id: str, asset_id: str, page: int, size: int, digest: str) -> Rendition | None:
    """The rendition under this recipe of a page of an asset that is in this delivery."""
    query = (
        select(Rendition)
        .join(Asset, Rendition.asset_id == Asset.id)
        .where(
            Asset.delivery_id == delivery_id,
            Asset.removed_at.is_(None),
            Rendition.asset_id == asset_id,
            Rendition.page == page,
            Rendition.size == size,
            Rendition.link_id == "",
            Rendition.recipe_digest == digest,
        )
    )
    return tx.scalar(query)


def owners_of(tx: Tx, delivery_id: str) -> tuple[Studio, Delivery]:
    """A delivery and its studio, whose settings make the recipe."""
    query = select(Studio, Delivery).join(Delivery, Delivery.studio_id == Studio.id)
    studio, delivery = tx.execute(query.where(Delivery.id == delivery_id)).one()
    return studio, delivery


def forget_pages(tx: Tx, asset_id: str) -> list[str]:
    """Removes an asset's proofs and renditions; returns the keys of what they kept in the store."""
    keys = forget_renditions(tx, asset_id, keep="")
    keys += tx.scalars(select(Proof.storage_key).where(Proof.asset_id == asset_id))
    tx.execute(delete(Proof).where(Proof.asset_id == asset_id))
    return keys


def forget_renditions(tx: Tx, asset_id: str, *, keep: str) -> list[str]:
    """Removes an asset's renditions but those of the recipe ``keep``; returns their keys in the store."""
    stale = (Rendition.asset_id == asset_id, Rendition.recipe_digest != keep)
    keys = list(tx.scalars(select(Rendition.storage_key).where(*stale)))
    tx.execute(delete(Rendition).where(*stale))
    return keys


def marked_at(tx: Tx, asset_id: str, digest: str) -> bool:
    """Whether every page of the asset is marked under this recipe."""
    query = select(Proof.id).where(Proof.asset_id == asset_id, Proof.recipe_digest != digest).limit(1)
    return tx.scalar(query) is None


def set_digest(tx: Tx, asset_id: str, digest: str) -> None:
    """Notes which recipe the asset's pages are marked under."""
    for proof in tx.scalars(select(Proof).where(Proof.asset_id == asset_id)):
        proof.recipe_digest = digest


def rendition_rows(tx: Tx, asset_id: str, digest: str) -> set[tuple[int, int]]:
    """(page, size) of what is there under this recipe already."""
    query = select(Rendition.page, Rendition.size).where(
        Rendition.asset_id == asset_id, Rendition.recipe_digest == digest
    )
    return {(page, size) for page, size in tx.execute(query)}


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the asset that has waited longest for its previews came; None when none waits."""
    query = select(Asset.created_at).where(Asset.state.in_(("queued", "rendering")), Asset.removed_at.is_(None))
    return tx.scalar(query.order_by(Asset.created_at).limit(1))

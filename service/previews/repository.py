"""SQL for proofs and renditions: always by the delivery or the asset they belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from service.accounts.models import Studio
from service.db import Tx, locked
from service.deliveries.models import Asset, Blob, Delivery
from service.errors import NotFound
from service.previews.models import KeptClip, Proof, Rendition


def pages_of(tx: Tx, asset_ids: Collection[str]) -> dict[str, list[Proof]]:
    """The proofs of these assets by asset id, in page order, in one query. The caller has scoped the ids."""
    found: dict[str, list[Proof]] = {}
    query = select(Proof).where(Proof.asset_id.in_(asset_ids)).order_by(Proof.asset_id, Proof.page)
    for proof in tx.scalars(query) if asset_ids else ():
        found.setdefault(proof.asset_id, []).append(proof)
    return found


def place_of(tx: Tx, delivery_id: str, asset_id: str) -> tuple[Asset, Delivery, Studio]:
    """An asset of this delivery that is still in it, with what its recipe is made from; raises NotFound."""
    query = (
        select(Asset, Delivery, Studio)
        .join(Delivery, Asset.delivery_id == Delivery.id)
        .join(Studio, Delivery.studio_id == Studio.id)
        .where(Asset.id == asset_id, Delivery.id == delivery_id, _shown())
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound
    asset, delivery, studio = row
    return asset, delivery, studio


def master_and_own(
    tx: Tx, delivery_id: str, asset_id: str, page: int, size: int, digest: str, link_id: str = ""
) -> tuple[Rendition | None, Rendition | None]:
    """The marked pictures of that page and size by the recipe with ``digest``, if the asset is in this delivery: the
    master, and the one made for a link; without one both are the master."""
    query = (
        select(Rendition)
        .join(Asset, Rendition.asset_id == Asset.id)
        .where(Asset.delivery_id == delivery_id, _shown())
        .where(Rendition.asset_id == asset_id, Rendition.page == page, Rendition.size == size)
        .where(Rendition.recipe_digest == digest, or_(Rendition.link_id == "", Rendition.link_id == link_id))
    )
    found = {row.link_id: row for row in tx.scalars(query)}
    return found.get(""), found.get(link_id)


def put_rendition(tx: Tx, row: Rendition) -> set[str]:
    """Adds a link's picture, in the place of an older one of the same page, size and recipe, whose key it returns."""
    same = (
        Rendition.asset_id == row.asset_id,
        Rendition.page == row.page,
        Rendition.size == row.size,
        Rendition.link_id == row.link_id,
        Rendition.recipe_digest == row.recipe_digest,
    )
    old = set(tx.scalars(select(Rendition.storage_key).where(*same)))
    tx.execute(delete(Rendition).where(*same))
    tx.add(row)
    tx.flush()
    return old - {row.storage_key}


def same_rendition(tx: Tx, delivery_id: str, seen: Rendition) -> Rendition | None:
    """The row as it is now, if it is still there and still means the same bytes."""
    query = select(Rendition).join(Asset, Rendition.asset_id == Asset.id).where(Asset.delivery_id == delivery_id)
    return tx.scalar(query.where(Rendition.id == seen.id, Rendition.sha256 == seen.sha256))


def drop_rendition(tx: Tx, row: Rendition) -> set[str]:
    """Removes a link's picture; returns its key in the store."""
    tx.execute(delete(Rendition).where(Rendition.id == row.id, Rendition.link_id != ""))
    return {row.storage_key}


def masters_without(
    tx: Tx, delivery_id: str, asset_id: str, link_id: str, digest: str, trace_key_id: str
) -> list[Rendition]:
    """The marked masters of an asset for which the link has no picture of this recipe and key, by page, largest first."""
    own = aliased(Rendition)
    of_link = and_(
        own.asset_id == Rendition.asset_id,
        own.page == Rendition.page,
        own.size == Rendition.size,
        own.recipe_digest == Rendition.recipe_digest,
        own.link_id == link_id,
        own.trace_key_id == trace_key_id,
    )
    query = (
        select(Rendition)
        .join(Asset, Rendition.asset_id == Asset.id)
        .outerjoin(own, of_link)
        .where(Asset.delivery_id == delivery_id, _shown(), Asset.state == "ready")
        .where(Rendition.asset_id == asset_id, Rendition.link_id == "", Rendition.recipe_digest == digest)
        .where(own.id.is_(None))
    )
    return list(tx.scalars(query.order_by(Rendition.page, Rendition.size.desc())))


def drop_of_links(tx: Tx, links: Collection[str], limit: int) -> set[str]:
    """Removes up to ``limit`` pictures that were made for these links; returns their keys in the store."""
    query = select(Rendition.id, Rendition.storage_key).where(Rendition.link_id.in_(links), Rendition.link_id != "")
    found = tx.execute(query.limit(limit)).all() if links else []
    tx.execute(delete(Rendition).where(Rendition.id.in_([row.id for row in found])))
    return {row.storage_key for row in found}


def links_with_pictures(tx: Tx) -> list[str]:
    """Ids of the links that have pictures of their own."""
    return list(tx.scalars(select(Rendition.link_id).where(Rendition.link_id != "").distinct()))


def untraceable_of(tx: Tx, delivery_id: str, limit: int) -> tuple[int, list[Asset]]:
    """How many of the delivery's assets some link is shown a picture of that cannot be traced to it, and the first."""
    untraced = Rendition.trace.in_(("too_small", "unreadable"))
    # Few renditions are untraced: looked up by their index, they cost a delivery of thousands nothing.
    shown = select(Rendition.asset_id).where(Rendition.link_id != "", untraced)
    here = (Asset.delivery_id == delivery_id, _shown(), Asset.id.in_(shown))
    count = int(tx.scalars(select(func.count()).select_from(Asset).where(*here)).one())
    query = select(Asset).where(*here).order_by(Asset.position, Asset.id).limit(limit)
    return count, list(tx.scalars(query)) if count else []


def has_page(tx: Tx, delivery_id: str, asset_id: str, page: int) -> bool:
    """Whether there is a proof of that page, if the asset is in this delivery."""
    query = select(Proof.id).join(Asset, Proof.asset_id == Asset.id).where(Asset.delivery_id == delivery_id)
    return tx.scalar(query.where(Proof.asset_id == asset_id, Proof.page == page)) is not None


def work_on(tx: Tx, asset_id: str, *, lock: bool = True) -> tuple[Asset, Blob, Delivery, Studio] | None:
    """What a job needs of an asset, locked unless it is only read; None when it was removed. Only for jobs: the payload is ours."""
    query = (
        select(Asset, Blob, Delivery, Studio)
        .join(Blob, Asset.blob_id == Blob.id)
        .join(Delivery, Asset.delivery_id == Delivery.id)
        .join(Studio, Delivery.studio_id == Studio.id)
        .where(Asset.id == asset_id, _shown())
    )
    row = tx.execute(locked(query, of=Asset) if lock else query).one_or_none()
    if row is None:
        return None
    asset, blob, delivery, studio = row
    return asset, blob, delivery, studio


def replace_pictures(
    tx: Tx, asset_id: str, renditions: Sequence[Rendition], proofs: Sequence[Proof] | None = None
) -> set[str]:
    """Puts these rows where the asset's were (its proofs stay when ``proofs`` is None); returns the store's keys that
    nothing refers to any more."""
    old = set(tx.scalars(select(Rendition.storage_key).where(Rendition.asset_id == asset_id)))
    tx.execute(delete(Rendition).where(Rendition.asset_id == asset_id))
    new = {row.storage_key for row in renditions}
    if proofs is not None:
        old |= set(tx.scalars(select(Proof.storage_key).where(Proof.asset_id == asset_id)))
        tx.execute(delete(Proof).where(Proof.asset_id == asset_id))
        new |= {row.storage_key for row in proofs}
        tx.add_all(proofs)
    tx.add_all(renditions)
    tx.flush()
    return old - new


def put_pages(tx: Tx, asset_id: str, proofs: Sequence[Proof], renditions: Sequence[Rendition]) -> set[str]:
    """Adds these pages to the asset's, in the place of the same ones; returns the store's keys that nothing refers to
    any more."""
    numbers = [proof.page for proof in proofs]
    proof = (Proof.asset_id == asset_id, Proof.page.in_(numbers))
    rendition = (Rendition.asset_id == asset_id, Rendition.page.in_(numbers))
    old = set(tx.scalars(select(Proof.storage_key).where(*proof)))
    old |= set(tx.scalars(select(Rendition.storage_key).where(*rendition)))
    tx.execute(delete(Proof).where(*proof))
    tx.execute(delete(Rendition).where(*rendition))
    tx.add_all(proofs)
    tx.add_all(renditions)
    tx.flush()
    return old - {row.storage_key for row in proofs} - {row.storage_key for row in renditions}


def ready_assets(tx: Tx, studio_id: str, delivery_id: str, *, after: str, limit: int) -> list[str]:
    """Ids of the studio's assets that have previews, by id from the one after ``after``; of one delivery, unless
    ``delivery_id`` is empty."""
    query = select(Asset.id).where(Asset.studio_id == studio_id, Asset.state == "ready", _shown(), Asset.id > after)
    if delivery_id:
        query = query.where(Asset.delivery_id == delivery_id)
    return list(tx.scalars(query.order_by(Asset.id).limit(limit)))


def clips_of(tx: Tx, asset_ids: Collection[str]) -> dict[str, KeptClip]:
    """The clips of these assets by asset id, in one query. The caller has scoped the ids."""
    query = select(KeptClip).where(KeptClip.asset_id.in_(asset_ids))
    return {clip.asset_id: clip for clip in tx.scalars(query)} if asset_ids else {}


def clip_in(tx: Tx, delivery_id: str, asset_id: str, digest: str) -> KeptClip | None:
    """The clip of an asset in this delivery, if it is marked by the recipe with ``digest`` and may be shown."""
    query = select(KeptClip).join(Asset, KeptClip.asset_id == Asset.id).where(Asset.delivery_id == delivery_id)
    here = query.where(Asset.id == asset_id, _shown(), Asset.state == "ready")
    return tx.scalar(here.where(KeptClip.recipe_digest == digest))


def replace_clip(tx: Tx, asset_id: str, clip: KeptClip | None) -> set[str]:
    """Puts this clip where the asset's was; returns the store's keys that nothing refers to any more."""
    old: set[str] = set()
    for row in tx.scalars(select(KeptClip).where(KeptClip.asset_id == asset_id)):
        old |= {row.proof_key, row.storage_key}
    tx.execute(delete(KeptClip).where(KeptClip.asset_id == asset_id))
    if clip is not None:
        tx.add(clip)
    tx.flush()
    return old - ({clip.proof_key, clip.storage_key} if clip is not None else set())


def removed_asset(tx: Tx, asset_id: str) -> Asset | None:
    """The asset, locked, if it is out of its delivery. Only for jobs: the payload is ours."""
    return tx.scalar(locked(select(Asset).where(Asset.id == asset_id, Asset.removed_at.is_not(None))))


def successor_of(tx: Tx, asset: Asset) -> Asset | None:
    """The version after it, if there is one. Only for jobs."""
    return tx.scalar(select(Asset).where(Asset.delivery_id == asset.delivery_id, Asset.id == asset.successor_id))


def removed_assets(tx: Tx, delivery_id: str, *, after: str, limit: int) -> list[str]:
    """Ids of the assets that are out of this delivery, by id from the one after ``after``. Only for jobs."""
    query = select(Asset.id).where(Asset.delivery_id == delivery_id, Asset.removed_at.is_not(None), Asset.id > after)
    return list(tx.scalars(query.order_by(Asset.id).limit(limit)))


@cache
def _shown() -> ColumnElement[bool]:
    """Assets that may be looked at: those in the delivery, and the version before each, to be compared with it. Made once:
    an alias made for every query was a third of what a picture costs."""
    newer = aliased(Asset)
    in_its_place = exists().where(
        newer.id == Asset.successor_id, newer.delivery_id == Asset.delivery_id, newer.removed_at.is_(None)
    )
    return or_(Asset.removed_at.is_(None), and_(Asset.successor_id != "", in_its_place))

"""SQL for deliveries, their assets and invoices: always within one studio or one delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update

from service.db import Base, Tx, locked
from service.deliveries.models import Asset, Blob, Delivery, Instalment, Invoice
from service.errors import NotFound


@dataclass(frozen=True)
class AssetCounts:
    """How many assets a delivery has, and how many bytes. ``waiting`` are queued or rendering; ``total`` is
    ready + waiting + card + failed, and also final + source."""

    total: int = 0
    ready: int = 0
    waiting: int = 0
    card: int = 0
    failed: int = 0
    bytes: int = 0
    final: int = 0
    source: int = 0


@dataclass(frozen=True)
class ListedDelivery:
    """A row of the deliveries list."""

    delivery: Delivery
    invoice: Invoice
    has_assets: bool


def add(tx: Tx, row: Base) -> None:
    tx.add(row)
    tx.flush()


def delivery_of(tx: Tx, studio_id: str, delivery_id: str, *, lock: bool = False, deleted: bool = False) -> Delivery:
    """The studio's delivery; raises NotFound, also for another studio's. ``lock`` holds the row until the end of the
    transaction: whoever changes its state or adds to it must. One that was deleted is found only with ``deleted``."""
    query = select(Delivery).where(Delivery.studio_id == studio_id, Delivery.id == delivery_id)
    if not deleted:
        query = query.where(Delivery.deleted_at.is_(None))
    found = tx.scalar(locked(query) if lock else query)
    if found is None:
        raise NotFound
    return found


def begun_and_empty(tx: Tx, studio_id: str) -> Delivery | None:
    """A draft of the studio's that was begun, not agreed, and has no file."""
    has_assets = exists().where(Asset.delivery_id == Delivery.id, Asset.removed_at.is_(None))
    query = select(Delivery).where(
        Delivery.studio_id == studio_id, Delivery.state == "draft", Delivery.title == "", ~has_assets
    )
    return tx.scalars(locked(query.order_by(Delivery.created_at.desc()).limit(1))).first()


def list_deliveries(
    tx: Tx,
    studio_id: str,
    *,
    limit: int,
    after: str | None = None,
    state: str | None = None,
    due_before: date | None = None,
    text: str = "",
) -> list[ListedDelivery]:
    """The studio's deliveries, newest first, from the one after the delivery with id ``after``; of them those in
    ``state``, those whose payment was due before a day, those that have ``text`` in their title, their client's name
    or address, or their payment reference."""
    has_assets = exists().where(Asset.delivery_id == Delivery.id, Asset.removed_at.is_(None))
    query = (
        select(Delivery, Invoice, has_assets)
        .join(Invoice, and_(Invoice.delivery_id == Delivery.id, Invoice.position == 1))
        .where(Delivery.studio_id == studio_id, Delivery.deleted_at.is_(None))
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(limit)
    )
    if state:
        query = query.where(Delivery.state == state)
    if due_before:
        query = query.where(Invoice.due_on < due_before)
    if text:
        query = query.where(_has(text))
    if after:
        last = delivery_of(tx, studio_id, after)
        earlier = and_(Delivery.created_at == last.created_at, Delivery.id < last.id)
        query = query.where(or_(Delivery.created_at < last.created_at, earlier))
    return [ListedDelivery(*row) for row in tx.execute(query)]


def deleted_since(tx: Tx, studio_id: str, since: datetime, *, limit: int, after: str | None = None) -> list[Delivery]:
    """The studio's deliveries that were deleted after a moment, the latest first, from the one after ``after``."""
    query = select(Delivery).where(Delivery.studio_id == studio_id, Delivery.deleted_at > since)
    if after:
        last = delivery_of(tx, studio_id, after, deleted=True)
        same = and_(Delivery.deleted_at == last.deleted_at, Delivery.id < last.id)
        query = query.where(or_(Delivery.deleted_at < last.deleted_at, same))
    return list(tx.scalars(query.order_by(Delivery.deleted_at.desc(), Delivery.id.desc()).limit(limit)))


def _has(text: str) -> ColumnElement[bool]:
    """Whatever the case of the letters; a reference also with the spaces that people read it out with."""
    places = (Delivery.title, Delivery.client_name, Delivery.client_email)
    inside = [place.icontains(text, autoescape=True) for place in places]
    read_out = "".join(text.split())
    part = exists().where(
        Instalment.delivery_id == Delivery.id, Instalment.reference.icontains(read_out, autoescape=True)
    )
    return or_(*inside, Invoice.reference.icontains(read_out, autoescape=True), part)


def invoice_of(tx: Tx, delivery_id: str) -> Invoice:
    """What is owed for a delivery (its first invoice)."""
    query = select(Invoice).where(Invoice.delivery_id == delivery_id).order_by(Invoice.position).limit(1)
    return tx.scalars(query).one()


def reference_taken(tx: Tx, studio_id: str, reference: str) -> bool:
    """Whether an invoice of the studio, or a part of one, has this creditor reference."""
    return any(
        tx.scalar(select(kind.id).where(kind.studio_id == studio_id, kind.reference == reference)) is not None
        for kind in (Invoice, Instalment)
    )


def instalments_of(tx: Tx, delivery_id: str) -> list[Instalment]:
    """The parts that the invoice is paid in, in order; none where it is paid in one."""
    return list(
        tx.scalars(select(Instalment).where(Instalment.delivery_id == delivery_id).order_by(Instalment.position))
    )


def opened_by_instalments(tx: Tx, delivery_id: str) -> set[str]:
    """The instalments whose assets are released before the rest."""
    query = select(Instalment.id).where(Instalment.delivery_id == delivery_id, Instalment.opened_at.is_not(None))
    return set(tx.scalars(query))


def assets_of(
    tx: Tx,
    delivery_id: str,
    *,
    limit: int | None = None,
    after: str | None = None,
    opened_by: str | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[Asset]:
    """The delivery's assets that were not removed, in order, from the one after the asset with id ``after``; with
    ``opened_by`` those that this instalment opens, with ``among`` those that it holds for."""
    query = _present(delivery_id).order_by(Asset.position, Asset.id).limit(limit)
    if opened_by:
        query = query.where(Asset.instalment_id == opened_by)
    if among is not None:
        query = query.where(among)
    if after:
        last = asset_of(tx, delivery_id, after, removed=True)
        later = and_(Asset.position == last.position, Asset.id > last.id)
        query = query.where(or_(Asset.position > last.position, later))
    return list(tx.scalars(query))


def asset_of(tx: Tx, delivery_id: str, asset_id: str, *, removed: bool = False) -> Asset:
    """An asset of this delivery; raises NotFound. With ``removed`` also one that was taken out."""
    query = _present(delivery_id) if not removed else select(Asset).where(Asset.delivery_id == delivery_id)
    found = tx.scalar(query.where(Asset.id == asset_id))
    if found is None:
        raise NotFound
    return found


def has_failed(delivery_id: str) -> ColumnElement[bool]:
    """Holds for assets whose previews failed."""
    return and_(Asset.delivery_id == delivery_id, Asset.state == "failed")


def assets_by_ids(tx: Tx, delivery_id: str, ids: Sequence[str]) -> list[Asset]:
    """These assets of this delivery, in its order; raises NotFound when one of them is not in it."""
    found = list(tx.scalars(_present(delivery_id).where(Asset.id.in_(ids)).order_by(Asset.position, Asset.id)))
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def removed_since(tx: Tx, delivery_id: str, since: datetime, *, limit: int) -> list[Asset]:
    """The assets that were taken out after a moment (not those that a newer version replaced), the latest first."""
    query = select(Asset).where(Asset.delivery_id == delivery_id, Asset.removed_at > since, Asset.successor_id == "")
    return list(tx.scalars(query.order_by(Asset.removed_at.desc(), Asset.position, Asset.id).limit(limit)))


def removed_at(tx: Tx, delivery_id: str, moment: datetime | None) -> list[Asset]:
    """The assets that were taken out of this delivery in this very moment (not those that a newer version replaced)."""
    query = select(Asset).where(Asset.delivery_id == delivery_id, Asset.removed_at == moment, Asset.successor_id == "")
    return list(tx.scalars(query.order_by(Asset.position, Asset.id)))


def remove_all(tx: Tx, delivery_id: str, now: datetime) -> None:
    """Takes out every asset that is in the delivery."""
    tx.execute(update(Asset).where(Asset.delivery_id == delivery_id, Asset.removed_at.is_(None)).values(removed_at=now))


def any_freed(tx: Tx, assets: Sequence[Asset]) -> bool:
    """Whether the bytes of one of these are gone."""
    freed = select(Blob.id).where(Blob.id.in_({asset.blob_id for asset in assets}), Blob.freed_at.is_not(None))
    return tx.scalar(freed.limit(1)) is not None


def version_before(tx: Tx, delivery_id: str, asset_id: str) -> Asset | None:
    """The version of an asset of this delivery whose place this one took; None for the first."""
    return tx.scalar(select(Asset).where(Asset.delivery_id == delivery_id, Asset.successor_id == asset_id))


def newest_version_at(tx: Tx, delivery_id: str) -> datetime | None:
    """When the last new version of something came; None when nothing was replaced."""
    query = select(func.max(Asset.created_at)).where(Asset.delivery_id == delivery_id, Asset.version > 1)
    return tx.scalar(query.where(Asset.removed_at.is_(None)))


def last_position(tx: Tx, delivery_id: str) -> int:
    """The highest position given in this delivery, 0 when there is none."""
    return tx.scalar(select(func.max(Asset.position)).where(Asset.delivery_id == delivery_id)) or 0


def blob_of(tx: Tx, asset: Asset) -> Blob:
    """The bytes' row of an asset."""
    return tx.scalars(select(Blob).where(Blob.id == asset.blob_id, Blob.studio_id == asset.studio_id)).one()


def blob_by_content(tx: Tx, studio_id: str, sha256: str) -> Blob | None:
    """The studio's row for the bytes with that SHA-256, if it has or had them."""
    return tx.scalar(select(Blob).where(Blob.studio_id == studio_id, Blob.sha256 == sha256))


def bytes_kept(tx: Tx, studio_id: str) -> int:
    """Bytes of originals the studio has in the vault, each content once."""
    query = select(func.coalesce(func.sum(Blob.size), 0)).where(Blob.studio_id == studio_id, Blob.freed_at.is_(None))
    return int(tx.scalars(query).one())


def count_assets(tx: Tx, delivery_id: str, *, opened_by: str | None = None) -> AssetCounts:
    """Counts and bytes of a delivery's present assets (or of those that one instalment opens), in one query that, for all
    of them, reads an index in its order."""
    query = (
        select(Asset.state, Asset.tier, func.count(), func.sum(Asset.size))
        .where(Asset.delivery_id == delivery_id, Asset.removed_at.is_(None))
        .group_by(Asset.state, Asset.tier)
    )
    if opened_by:
        query = query.where(Asset.instalment_id == opened_by)
    groups = [(state, tier, count, int(size)) for state, tier, count, size in tx.execute(query)]

    def counted(*states: str) -> int:
        return sum(count for state, _tier, count, _size in groups if state in states)

    def tiered(wanted: str) -> int:
        return sum(count for _state, tier, count, _size in groups if tier == wanted)

    return AssetCounts(
        total=sum(count for _state, _tier, count, _size in groups),
        ready=counted("ready"),
        waiting=counted("queued", "rendering"),
        card=counted("card"),
        failed=counted("failed"),
        bytes=sum(size for *_group, size in groups),
        final=tiered("final"),
        source=tiered("source"),
    )


def _present(delivery_id: str) -> Select[Asset]:
    return select(Asset).where(Asset.delivery_id == delivery_id, Asset.removed_at.is_(None))

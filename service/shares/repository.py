"""SQL for share links, views and accepted terms. Every look-up goes through a studio, a delivery or a link."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.accounts.models import Studio
from service.db import Base, Tx, locked
from service.deliveries.models import Asset, Delivery
from service.errors import NotFound
from service.previews.models import Proof
from service.shares.models import LinkView, ShareLink, TermsAcceptance


def add(tx: Tx, row: Base) -> None:
    tx.add(row)
    tx.flush()


def link_of(tx: Tx, studio_id: str, link_id: str, *, lock: bool = False) -> ShareLink:
    """The studio's link; raises NotFound, also for another studio's."""
    query = select(ShareLink).where(ShareLink.studio_id == studio_id, ShareLink.id == link_id)
    found = tx.scalar(locked(query) if lock else query)
    if found is None:
        raise NotFound
    return found


def link_by_id(tx: Tx, link_id: str) -> ShareLink | None:
    """The link that a signature named; whether it still opens anything is for ``alive`` to say."""
    return tx.get(ShareLink, link_id)


def opened_by(tx: Tx, link_id: str) -> tuple[ShareLink, Delivery, Studio] | None:
    """The link that a signature named, with its delivery and studio, in one query."""
    query = (
        select(ShareLink, Delivery, Studio)
        .join(Delivery, and_(ShareLink.delivery_id == Delivery.id, ShareLink.studio_id == Delivery.studio_id))
        .join(Studio, Delivery.studio_id == Studio.id)
        .where(ShareLink.id == link_id)
    )
    row = tx.execute(query).one_or_none()
    return row if row else None


def links_by_trace(
    tx: Tx, trace_ids: Collection[int], *, studio_id: str | None = None
) -> list[tuple[ShareLink, Delivery, Studio]]:
    """The links whose forensic mark says one of these, whatever became of them: the studio's own, or, for the one who
    runs the server, anybody's."""
    query = (
        select(ShareLink, Delivery, Studio)
        .join(Delivery, ShareLink.delivery_id == Delivery.id)
        .join(Studio, ShareLink.studio_id == Studio.id)
        .where(ShareLink.trace_id.in_(trace_ids))
    )
    if studio_id is not None:
        query = query.where(ShareLink.studio_id == studio_id)
    return [(row[0], row[1], row[2]) for row in tx.execute(query)] if trace_ids else []


def links_of(tx: Tx, delivery_id: str, *, limit: int | None = None, after: ShareLink | None = None) -> list[ShareLink]:
    """The delivery's links, revoked ones too, the oldest first."""
    query = select(ShareLink).where(ShareLink.delivery_id == delivery_id)
    if after is not None:
        same = and_(ShareLink.created_at == after.created_at, ShareLink.id > after.id)
        query = query.where(or_(ShareLink.created_at > after.created_at, same))
    return list(tx.scalars(query.order_by(ShareLink.created_at, ShareLink.id).limit(limit)))


def live_links_of(tx: Tx, delivery_id: str, now: datetime) -> list[ShareLink]:
    """The delivery's links that are neither revoked nor past their end."""
    query = select(ShareLink).where(
        ShareLink.delivery_id == delivery_id,
        ShareLink.revoked_at.is_(None),
        or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > now),
    )
    return list(tx.scalars(query.order_by(ShareLink.created_at, ShareLink.id)))


def is_noted(tx: Tx, view_id: str) -> bool:
    """Whether there is a visit of that id."""
    return tx.scalar(select(LinkView.id).where(LinkView.id == view_id)) is not None


def add_view(tx: Tx, row: LinkView) -> bool:
    """Adds a visit; False when this visitor's row of this hour is there already."""
    if tx.get(LinkView, row.id) is not None:
        return False
    try:
        with tx.begin_nested():
            add(tx, row)
    except IntegrityError:
        return False
    return True


def count_view(tx: Tx, link: ShareLink, now: datetime) -> bool:
    """Counts a visit in the link's row; True for the link's first."""
    one = ShareLink.id == link.id
    tx.execute(update(ShareLink).where(one).values(view_count=ShareLink.view_count + 1, last_viewed_at=now))
    first = update(ShareLink).where(one, ShareLink.first_viewed_at.is_(None)).values(first_viewed_at=now)
    return bool(tx.execute(first.returning(ShareLink.id)).one_or_none())


def views_of(tx: Tx, delivery_id: str, limit: int) -> list[LinkView]:
    """The latest views through any of the delivery's links, the newest first."""
    query = (
        select(LinkView)
        .join(ShareLink, LinkView.link_id == ShareLink.id)
        .where(ShareLink.delivery_id == delivery_id)
        .order_by(LinkView.at.desc(), LinkView.id)
    )
    return list(tx.scalars(query.limit(limit)))


def acceptance_of(tx: Tx, link: ShareLink, text_sha256: str) -> TermsAcceptance | None:
    """The acceptance of exactly this text through this link."""
    query = select(TermsAcceptance).where(
        TermsAcceptance.link_id == link.id,
        TermsAcceptance.delivery_id == link.delivery_id,
        TermsAcceptance.text_sha256 == text_sha256,
    )
    return tx.scalar(query.order_by(TermsAcceptance.at).limit(1))


def acceptances_of(tx: Tx, delivery_id: str) -> list[TermsAcceptance]:
    """Every acceptance through the delivery's links, in order."""
    query = select(TermsAcceptance).where(TermsAcceptance.delivery_id == delivery_id)
    return list(tx.scalars(query.order_by(TermsAcceptance.at, TermsAcceptance.id)))


def window_of(tx: Tx, link: ShareLink, offset: int, limit: int) -> list[Asset]:
    """``limit`` of the link's present assets in order, after the first ``offset``."""
    query = select(Asset).where(Asset.delivery_id == link.delivery_id, Asset.removed_at.is_(None))
    return list(tx.scalars(query.order_by(Asset.position, Asset.id).offset(offset).limit(limit)))


def place_of(tx: Tx, link: ShareLink, asset: Asset) -> int:
    """How many of the link's present assets stand before this one."""
    query = select(func.count()).where(
        Asset.delivery_id == link.delivery_id, Asset.removed_at.is_(None), _before(asset)
    )
    return int(tx.scalars(query).one())


def neighbour_of(tx: Tx, link: ShareLink, asset: Asset, *, forward: bool) -> tuple[str, int] | None:
    """The nearest other asset of the link with a picture, and the page of it that comes next when going that way."""
    beside = _after(asset) if forward else _before(asset)
    order = (Asset.position, Asset.id) if forward else (Asset.position.desc(), Asset.id.desc())
    page = func.min(Proof.page) if forward else func.max(Proof.page)
    query = (
        select(Asset.id, page)
        .join(Proof, Proof.asset_id == Asset.id)
        .where(Asset.delivery_id == link.delivery_id, Asset.removed_at.is_(None), Asset.state == "ready", beside)
        .group_by(Asset.id, Asset.position)
        .order_by(*order)
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return row if row else None


def _before(asset: Asset) -> ColumnElement[bool]:
    return or_(Asset.position < asset.position, and_(Asset.position == asset.position, Asset.id < asset.id))


def _after(asset: Asset) -> ColumnElement[bool]:
    return or_(Asset.position > asset.position, and_(Asset.position == asset.position, Asset.id > asset.id))

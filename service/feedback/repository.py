"""SQL for what clients say: always within one delivery."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from service.db import Base, Tx, locked
from service.deliveries.models import Asset
from service.feedback.models import Answer, Comment, Favourite, Selection

SHOWN = 500
"""Comments read at once."""


def add(tx: Tx, row: Base) -> None:
    tx.add(row)
    tx.flush()


def answers_of(tx: Tx, delivery_id: str) -> dict[str, Answer]:
    """The answer that counts, by asset id; "" is the whole delivery."""
    query = select(Answer).where(Answer.delivery_id == delivery_id).order_by(Answer.at, Answer.id)
    return {answer.asset_id: answer for answer in tx.scalars(query)}


def answered_names(tx: Tx, delivery_id: str, answers: Mapping[str, Answer]) -> dict[str, str]:
    """The file names of the assets that have one of these answers and are still in the delivery, by asset id."""
    if not answers.keys() - {""}:
        return {}
    answered = select(Answer.asset_id).where(Answer.delivery_id == delivery_id)
    query = select(Asset.id, Asset.filename).where(
        Asset.delivery_id == delivery_id, Asset.removed_at.is_(None), Asset.id.in_(answered)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def comments_on(tx: Tx, delivery_id: str, asset_id: str, page: int) -> list[Comment]:
    """The comments on a page of an asset, in order."""
    query = select(Comment).where(
        Comment.delivery_id == delivery_id, Comment.asset_id == asset_id, Comment.page == page
    )
    return list(tx.scalars(query.order_by(Comment.at, Comment.id).limit(SHOWN)))


def comment_counts(tx: Tx, delivery_id: str) -> dict[str, int]:
    """How many comments each asset has, by its id."""
    query = select(Comment.asset_id, func.count()).where(Comment.delivery_id == delivery_id)
    rows = list(tx.execute(query.group_by(Comment.asset_id)))
    return {row[0]: row[1] for row in rows}


def newest_comments(tx: Tx, delivery_id: str, limit: int) -> list[tuple[Comment, Asset]]:
    """The delivery's newest comments first, with what they are about."""
    query = (
        select(Comment, Asset)
        .join(Asset, Comment.asset_id == Asset.id)
        .where(Comment.delivery_id == delivery_id, Asset.delivery_id == delivery_id)
        .order_by(Comment.at.desc(), Comment.id)
        .limit(limit)
    )
    return list(tx.execute(query))


def last_comment(tx: Tx, delivery_id: str) -> Comment | None:
    query = select(Comment).where(Comment.delivery_id == delivery_id)
    return tx.scalar(query.order_by(Comment.at.desc(), Comment.id).limit(1))


def selection_of(tx: Tx, delivery_id: str, *, lock: bool = False) -> Selection | None:
    """What was agreed about choosing; None when nothing was. Whoever adds a favourite locks it, so that two at once
    cannot both be the last."""
    query = select(Selection).where(Selection.delivery_id == delivery_id)
    return tx.scalar(locked(query) if lock else query)


def drop(tx: Tx, row: Base) -> None:
    tx.delete(row)
    tx.flush()


def favourite_of(tx: Tx, delivery_id: str, asset_id: str) -> Favourite | None:
    return tx.get(Favourite, (delivery_id, asset_id))


def favourites_of(tx: Tx, delivery_id: str) -> list[Asset]:
    """The assets the client chose that are still in the delivery, in the delivery's order."""
    chosen = list(tx.scalars(select(Favourite.asset_id).where(Favourite.delivery_id == delivery_id)))
    if not chosen:  # a join would look at each of ten thousand assets to find that out
        return []
    query = select(Asset).where(Asset.delivery_id == delivery_id, Asset.removed_at.is_(None), Asset.id.in_(chosen))
    return list(tx.scalars(query.order_by(Asset.position, Asset.id)))


def has_comment(delivery_id: str) -> ColumnElement[bool]:
    """Holds for assets that have a comment."""
    return Asset.id.in_(select(Comment.asset_id).where(Comment.delivery_id == delivery_id))


def was_answered(delivery_id: str, said: str) -> ColumnElement[bool]:
    """Holds for assets whose newest answer is ``said``."""
    newer = aliased(Answer)
    later = or_(newer.at > Answer.at, and_(newer.at == Answer.at, newer.id > Answer.id))
    same = and_(newer.delivery_id == delivery_id, newer.asset_id == Answer.asset_id)
    query = select(Answer.asset_id).where(Answer.delivery_id == delivery_id, Answer.said == said)
    return Asset.id.in_(query.where(~exists().where(same, later)))

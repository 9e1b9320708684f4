"""SQL for clients: read together from deliveries, money and links, always within one studio, in so many queries however many
clients there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select

from service.db import Tx
from service.deliveries.models import Delivery, Invoice
from service.kit.money import Money
from service.payments.models import Payment
from service.shares.models import ShareLink

whom = func.coalesce(func.nullif(func.lower(Delivery.client_email), literal_column("''")), Delivery.client_name)
"""Who a client is: the address where there is one, else the name."""
newest = func.max(Delivery.created_at)


@dataclass(frozen=True)
class Client:
    """``key`` names the client within the studio; ``newest`` is when the newest delivery was made."""

    key: str
    name: str
    email: str
    deliveries: int
    newest: datetime


def clients_of(tx: Tx, studio_id: str, *, limit: int, after: str = "", text: str = "") -> list[Client]:
    """The studio's clients, those with the newest delivery first, from the one after the client ``after``; of them those whose
    name or address has ``text``."""
    query = _clients(studio_id).order_by(newest.desc(), whom).limit(limit)
    if text:
        places = (Delivery.client_name, Delivery.client_email)
        query = query.where(or_(*(place.icontains(text, autoescape=True) for place in places)))
    if after:
        last = tx.scalar(select(newest).where(*_agreed(studio_id), whom == after))
        query = query.having(or_(newest < last, and_(newest == last, whom > after)))
    return [Client(*row) for row in tx.execute(query)]


def client_of(tx: Tx, studio_id: str, key: str) -> Client | None:
    """One client of the studio's; None when no delivery is for them."""
    row = tx.execute(_clients(studio_id).where(whom == key)).one_or_none()
    return Client(*row) if row else None


def owed_by(tx: Tx, studio_id: str, keys: Sequence[str]) -> dict[str, list[Money]]:
    """What these clients still owe for what is held, by client and currency. What was paid too much for one delivery is not
    set off against another; money in another currency does not count."""
    paid = (
        select(Payment.delivery_id, Payment.currency, func.sum(Payment.amount_minor).label("minor"))
        .where(Payment.studio_id == studio_id)
        .group_by(Payment.delivery_id, Payment.currency)
        .subquery()
    )
    left = Invoice.amount_minor - func.coalesce(paid.c.minor, 0)
    query = (
        select(whom, Invoice.currency, func.sum(left))
        .join(Invoice, and_(Invoice.delivery_id == Delivery.id, Invoice.position == 1))
        .outerjoin(paid, and_(paid.c.delivery_id == Delivery.id, paid.c.currency == Invoice.currency))
        .where(*_agreed(studio_id), whom.in_(keys), Delivery.state == "held", left > 0)
        .group_by(whom, Invoice.currency)
        .order_by(whom, Invoice.currency)
    )
    found: dict[str, list[Money]] = {}
    for key, currency, minor in tx.execute(query):
        found.setdefault(key, []).append(Money(int(minor), currency))
    return found


def last_seen(tx: Tx, studio_id: str, keys: Sequence[str]) -> dict[str, datetime]:
    """When each of these clients last looked at something, through whichever link."""
    query = (
        select(whom, func.max(ShareLink.last_viewed_at))
        .join(ShareLink, ShareLink.delivery_id == Delivery.id)
        .where(*_agreed(studio_id), whom.in_(keys), ShareLink.last_viewed_at.is_not(None))
        .group_by(whom)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def deliveries_of(
    tx: Tx, studio_id: str, key: str, *, limit: int, after: Delivery | None = None
) -> list[tuple[Delivery, Invoice]]:
    """One client's deliveries with what is owed, the newest first, from the one after ``after``."""
    query = (
        select(Delivery, Invoice)
        .join(Invoice, and_(Invoice.delivery_id == Delivery.id, Invoice.position == 1))
        .where(*_agreed(studio_id), whom == key)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(limit)
    )
    if after is not None:
        same = and_(Delivery.created_at == after.created_at, Delivery.id < after.id)
        query = query.where(or_(Delivery.created_at < after.created_at, same))
    return [(row[0], row[1]) for row in tx.execute(query)]


def _clients(studio_id: str) -> Select[Any, str, str, int, datetime]:
    """A row for each client of the studio's, as ``Client`` has it."""
    return (
        select(whom, func.max(Delivery.client_name), func.max(Delivery.client_email), func.count(), newest)
        .where(*_agreed(studio_id))
        .group_by(whom)
    )


def _agreed(studio_id: str) -> tuple[ColumnElement[bool], ...]:
    """The studio's deliveries that are for somebody and were not deleted."""
    return (Delivery.studio_id == studio_id, Delivery.deleted_at.is_(None), Delivery.client_name != "")

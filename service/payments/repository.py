"""SQL for payments, always within one studio or one delivery."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.accounts.models import Studio
from service.db import Tx
from service.deliveries.models import Asset, Instalment
from service.errors import NotFound
from service.payments.models import Payment, PaymentNotice, PlannedReminder


def append(tx: Tx, payment: Payment) -> bool:
    """Adds a payment; False when its source reference (or the reversal it is) is there already, also when another
    transaction put it there a moment ago."""
    try:
        with tx.begin_nested():
            tx.add(payment)
            tx.flush()
    except IntegrityError:
        return False
    return True


def payment_of(tx: Tx, studio_id: str, payment_id: str) -> Payment:
    """A payment of this studio; raises NotFound."""
    found = tx.scalar(select(Payment).where(Payment.studio_id == studio_id, Payment.id == payment_id))
    if found is None:
        raise NotFound
    return found


def payments_of(tx: Tx, delivery_id: str) -> list[Payment]:
    """All rows for a delivery in the order they were recorded."""
    query = select(Payment).where(Payment.delivery_id == delivery_id)
    return list(tx.scalars(query.order_by(Payment.recorded_at, Payment.id)))


def counted_payments(tx: Tx, delivery_id: str, currency: str) -> list[Payment]:
    """The payments that count: in this currency, neither a reversal nor reversed."""
    rows = payments_of(tx, delivery_id)
    reversed_ids = {row.reverses_id for row in rows}
    return [r for r in rows if r.currency == currency and r.reverses_id is None and r.id not in reversed_ids]


def sum_of(tx: Tx, delivery_id: str, currency: str) -> int:
    """Minor units received for a delivery in one currency, reversals taken off."""
    query = select(func.coalesce(func.sum(Payment.amount_minor), 0))
    return int(tx.scalars(query.where(Payment.delivery_id == delivery_id, Payment.currency == currency)).one())


def add_notice(tx: Tx, row: PaymentNotice) -> None:
    tx.add(row)
    tx.flush()


def notice_waiting(tx: Tx, delivery_id: str) -> PaymentNotice | None:
    """The newest word that a payment is on its way, unless a payment was recorded after it."""
    last = select(func.max(Payment.recorded_at)).where(Payment.delivery_id == delivery_id).scalar_subquery()
    query = select(PaymentNotice).where(
        PaymentNotice.delivery_id == delivery_id, or_(last.is_(None), PaymentNotice.at > last)
    )
    return tx.scalar(query.order_by(PaymentNotice.at.desc(), PaymentNotice.id).limit(1))


def planned_reminder(tx: Tx, delivery_id: str) -> PlannedReminder | None:
    """What is planned for the delivery. Who changes it has locked the delivery's row."""
    query = select(PlannedReminder).where(PlannedReminder.delivery_id == delivery_id)
    return tx.scalar(query.execution_options(populate_existing=True))


def add_planned(tx: Tx, row: PlannedReminder) -> None:
    tx.add(row)
    tx.flush()


def forget_planned(tx: Tx, row: PlannedReminder) -> None:
    tx.delete(row)
    tx.flush()


def drop(tx: Tx, row: Instalment) -> None:
    """Takes an instalment away; the caller has said before what its assets are opened by instead."""
    tx.delete(row)
    tx.flush()


def reminders_until(tx: Tx, day: date) -> list[tuple[PlannedReminder, str]]:
    """Those of all studios that are planned for that day or before and not paused, with their studios' time zones."""
    query = select(PlannedReminder, Studio.timezone).join(Studio, Studio.id == PlannedReminder.studio_id)
    query = query.where(PlannedReminder.on_day <= day, PlannedReminder.paused.is_(False))
    return [
        (row, zone) for row, zone in tx.execute(query.order_by(PlannedReminder.on_day, PlannedReminder.delivery_id))
    ]


def assign(tx: Tx, row: Instalment, asset_ids: Collection[str]) -> None:
    """These assets of its delivery, and no others, are what the instalment opens from now on."""
    own = Asset.delivery_id == row.delivery_id
    tx.execute(update(Asset).where(own, Asset.instalment_id == row.id).values(instalment_id=""))
    if asset_ids:
        tx.execute(update(Asset).where(own, Asset.id.in_(asset_ids)).values(instalment_id=row.id))


def places_of(tx: Tx, delivery_id: str) -> list[tuple[str, str, str]]:
    """(id, name, instalment that opens it) of each present asset, in order: the first has number 1 on the client's page."""
    query = (
        select(Asset.id, Asset.filename, Asset.instalment_id)
        .where(Asset.delivery_id == delivery_id, Asset.removed_at.is_(None))
        .order_by(Asset.position, Asset.id)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query)]

"""Payments: appended, never edited; reversed by another row. And what clients say of payments."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Payment(Base):
    """Money seen. ``source_ref`` is unique within the studio, so the same evidence counts once. A reversal is a
    row with a negative amount and ``reverses_id``; a payment can be reversed once."""

    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    received_on: Mapped[date]
    source_ref: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    matcher: Mapped[str] = mapped_column(default="manual")
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"), default=None, unique=True)
    __table_args__ = (UniqueConstraint("studio_id", "source_ref"),)


class PaymentNotice(Base):
    """A client's word that a payment is on its way. It is evidence of nothing and unlocks nothing."""

    __tablename__ = "payment_notices"
    id: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"))
    name: Mapped[str]  # the link's, at that moment
    at: Mapped[datetime]


class PlannedReminder(Base):
    """A reminder that a member has read and planned for a day; the row goes when it is sent."""

    __tablename__ = "planned_reminders"
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    tone: Mapped[str]
    on_day: Mapped[date] = mapped_column(index=True)
    paused: Mapped[bool] = mapped_column(default=False)
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]

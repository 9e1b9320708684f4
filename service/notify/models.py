"""The outbox: e-mail to be sent, written in the transaction that has a reason for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class OutboxMessage(Base):
    """``state``: waiting | sent | failed | kept (no SMTP: shown on a page). ``body`` is plain text."""

    __tablename__ = "outbox_messages"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]  # sign_in | ready | paid | released | ...
    recipient: Mapped[str]
    reply_to: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (Index(None, "studio_id", "created_at"), Index(None, "delivery_id", "created_at"))


class EmailText(Base):
    """A studio's own words for a kind of e-mail in a language, with names in braces; without a row ours are used."""

    __tablename__ = "email_texts"
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)

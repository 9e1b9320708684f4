"""The append-only log of facts, one hash chain per studio."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class AuditEvent(Base):
    """One fact, ``noun.past_verb``. ``hash`` covers every other column and the previous event's hash."""

    __tablename__ = "audit_events"
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]  # member:<id> | link:<id> | system
    delivery_id: Mapped[str] = mapped_column(default="")
    data: Mapped[str] = mapped_column(Text)  # canonical JSON
    previous: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (
        Index(None, "delivery_id", "seq"),
        Index(None, "delivery_id", "kind", "at"),  # when it was first and last sent, viewed, paid
    )


class AuditHead(Base):
    """The last event of a studio's chain, with a keyed MAC: cutting events off the end is found too."""

    __tablename__ = "audit_heads"
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    mac: Mapped[str]

"""Share links, what was seen through them, and the terms accepted on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class ShareLink(Base):
    """A revocable, named capability to view one delivery's renditions. Its token is signed from its id, so
    no secret is stored."""

    __tablename__ = "share_links"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    passphrase: Mapped[str] = mapped_column(default="")  # scrypt hash; empty: none asked
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    first_viewed_at: Mapped[datetime | None] = mapped_column(default=None)
    last_viewed_at: Mapped[datetime | None] = mapped_column(default=None)
    view_count: Mapped[int] = mapped_column(default=0)
    trace_id: Mapped[int] = mapped_column(BigInteger, unique=True)  # 48 random bits: what its forensic mark says


class LinkView(Base):
    """One visit through a link: at most one row per link, address and hour."""

    __tablename__ = "link_views"
    id: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"), index=True)
    at: Mapped[datetime]
    address: Mapped[str]
    agent: Mapped[str]


class TermsAcceptance(Base):
    """A client's acceptance of the terms: who, when, and exactly which text."""

    __tablename__ = "terms_acceptances"
    id: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"), index=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    name: Mapped[str]
    at: Mapped[datetime]
    text_sha256: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    address: Mapped[str]

"""Releases, and the grants that let one original (or all) be fetched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Release(Base):
    """The decision to hand originals over. ``reason``: paid | waived. ``instalment_id`` empty: all of them; else those that
    this instalment opens. At most one of each per delivery is in force."""

    __tablename__ = "releases"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    instalment_id: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]  # the actor, as audit events name it
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_why: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index(
            "uq_releases_in_force",
            "delivery_id",
            "instalment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Grant(Base):
    """The revocable right to fetch one asset, or with ``asset_id`` empty the whole delivery, through one link."""

    __tablename__ = "grants"
    id: Mapped[str] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"), index=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"))
    asset_id: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)  # downloads begun
    continuations: Mapped[int] = mapped_column(default=0)  # ranges that went on with one
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (UniqueConstraint("release_id", "link_id", "asset_id"),)

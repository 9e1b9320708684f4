"""Proofs (clean, private) and the marked renditions made from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Proof(Base):
    """The small, clean picture of one page of an asset, and which recipe its marked renditions are at.

    ``width`` and ``height`` are of the 2048 rendition (px). ``recipe_digest`` is empty until marked."""

    __tablename__ = "proofs"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"))
    page: Mapped[int]  # 1-based
    width: Mapped[int]
    height: Mapped[int]
    media_type: Mapped[str]
    storage_key: Mapped[str]
    recipe_digest: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("asset_id", "page"),)


class Rendition(Base):
    """One marked picture in the store, by asset, page, size and recipe; link is empty until the forensic
    mark makes renditions per link."""

    __tablename__ = "renditions"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"))
    page: Mapped[int]
    size: Mapped[int]  # 480 | 960 | 2048
    link_id: Mapped[str] = mapped_column(default="")
    recipe_digest: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("asset_id", "page", "size", "link_id", "recipe_digest"),)

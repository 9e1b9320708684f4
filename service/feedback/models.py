"""What clients say of the work: answers, comments, and what they chose. None of it is a payment, and none releases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Answer(Base):
    """``said``: approved | changes, of one asset, or of the whole delivery when ``asset_id`` is empty. Appended; the
    newest of an asset counts."""

    __tablename__ = "answers"
    id: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"))
    asset_id: Mapped[str] = mapped_column(default="")
    said: Mapped[str]
    note: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str]  # the link's, at that moment
    at: Mapped[datetime]
    __table_args__ = (Index(None, "delivery_id", "asset_id", "at"),)


class Comment(Base):
    """A remark on a page of an asset. ``spot_x`` and ``spot_y`` are thousandths of its width and height, from the
    upper left; ``moment_ms`` is a moment of video or sound. None: the whole of it is meant."""

    __tablename__ = "comments"
    id: Mapped[str] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"))
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"))
    page: Mapped[int]
    spot_x: Mapped[int | None] = mapped_column(default=None)
    spot_y: Mapped[int | None] = mapped_column(default=None)
    moment_ms: Mapped[int | None] = mapped_column(default=None)
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "delivery_id", "asset_id", "page", "at"),)


class Selection(Base):
    """How many assets the client may choose, where that was agreed."""

    __tablename__ = "selections"
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    at_most: Mapped[int]


class Favourite(Base):
    """An asset the client chose."""

    __tablename__ = "favourites"
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("share_links.id"))
    at: Mapped[datetime]

"""A file on its way in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Upload(Base):
    """How far a file has come. ``offset`` of ``size`` bytes are durable in the store; ``state`` is the store's note
    about them, empty before the first byte. Once it is an asset, ``asset_id`` says which, and the row stays for a
    while: the client may not have heard.

    Whoever writes holds the lease: ``lease_until`` is in the future, and ``fence`` is theirs.
    """

    __tablename__ = "uploads"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    actor: Mapped[str]
    filename: Mapped[str]
    path: Mapped[str] = mapped_column(default="")
    tier: Mapped[str] = mapped_column(default="final")
    position: Mapped[int]  # its place in the delivery, given when it began: files may end in another order
    given: Mapped[str] = mapped_column(Text, default="")  # Upload-Metadata as it came
    size: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(Text, default="")
    asset_id: Mapped[str | None] = mapped_column(ForeignKey("assets.id"), default=None)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (Index(None, "studio_id", "asset_id"), Index(None, "expires_at"))

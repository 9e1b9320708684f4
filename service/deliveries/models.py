"""A delivery, what is in it, and what is owed for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Delivery(Base):
    """One agreed hand-over to one client. ``state``: draft | held | released | withdrawn | deleted; a deleted one has in
    ``deleted_from`` the state it goes back to when it is brought back."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    title: Mapped[str]
    client_name: Mapped[str]
    client_email: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]  # the client's language
    note: Mapped[str] = mapped_column(Text, default="")  # a message to the client, shown on the share page
    state: Mapped[str] = mapped_column(default="draft")
    ask_terms: Mapped[bool] = mapped_column(default=False)
    terms_text: Mapped[str] = mapped_column(Text, default="")  # fixed at creation; empty when not asked
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_from: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index(None, "studio_id", "created_at", "id"), Index(None, "studio_id", "deleted_at"))

    @property
    def agreed(self) -> bool:
        """Whether title, client and amount are filled in, which happens at once. One that is only begun has none of them."""
        return bool(self.title)


class Invoice(Base):
    """What is owed for a delivery, with its creditor reference (ISO 11649). With instalments, ``due_on`` is that of the
    one that is due next."""

    __tablename__ = "invoices"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    position: Mapped[int] = mapped_column(default=1)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    reference: Mapped[str]  # RF..., unique within the studio
    due_on: Mapped[date | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("studio_id", "reference"), UniqueConstraint("delivery_id", "position"))


class Instalment(Base):
    """A part of an invoice, with a reference of its own. ``opens``, once all up to it are settled: nothing | chosen (the
    assets that name it) | all. ``opened_at``: since when what it opens is released; None: it is held."""

    __tablename__ = "instalments"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    position: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]  # RF..., unique within the studio
    due_on: Mapped[date | None] = mapped_column(default=None)
    opens: Mapped[str] = mapped_column(default="nothing")
    opened_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("studio_id", "reference"), UniqueConstraint("delivery_id", "position"))


class Blob(Base):
    """The bytes of an original, kept once per studio and content. ``freed_at``: since when they are deleted, because every
    asset that had them was taken out long ago."""

    __tablename__ = "blobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    crc32: Mapped[int] = mapped_column(BigInteger)  # of the whole, for the ZIP's headers
    storage_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    freed_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (UniqueConstraint("studio_id", "sha256"),)


class Asset(Base):
    """One original in a delivery. ``state``: queued | rendering | ready | card | failed; ``reason`` says why
    for a card or a failure. ``tier``: final | source."""

    __tablename__ = "assets"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"))
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"))
    blob_id: Mapped[str] = mapped_column(ForeignKey("blobs.id"), index=True)
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    filename: Mapped[str]  # as it came, for showing; never a path on our side
    path: Mapped[str] = mapped_column(default="")  # the folder it came in, for the ZIP
    tier: Mapped[str] = mapped_column(default="final")
    media_type: Mapped[str] = mapped_column(default="")  # told from content at ingest
    state: Mapped[str] = mapped_column(default="queued")
    reason: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")  # comma-separated codes, such as name_mismatch
    page_count: Mapped[int] = mapped_column(default=0)  # pages of the original; proofs may be fewer
    pages_shown: Mapped[int] = mapped_column(default=0)  # how many of them can be asked for; made when they are
    mark_key_id: Mapped[str]  # fingerprint of the secret its visible mark is keyed by: outlives key rotation
    position: Mapped[int]
    instalment_id: Mapped[str] = mapped_column(default="")  # what opens it before all does; empty: nothing
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    first_id: Mapped[str] = mapped_column(default="")  # of its first version; empty: it is that
    successor_id: Mapped[str] = mapped_column(default="", index=True)  # the version after it; empty: none
    __table_args__ = (
        Index(None, "delivery_id", "position", "id"),
        Index("ix_assets_counted", "delivery_id", "removed_at", "state", "tier", "size"),  # counting reads only this
    )

    @property
    def marked_as(self) -> str:
        """What its visible mark is keyed by, beside the secret. All versions have the same mark: two that differ, over much
        the same picture, could be averaged away."""
        return self.first_id or self.id

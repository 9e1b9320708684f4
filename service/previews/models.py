"""Proofs (clean, private) and the marked renditions made from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Proof(Base):
    """The small, clean picture of one page of an asset, and which recipe its marked renditions are at.

    ``width`` and ``height`` are of the 2048 rendition (px). ``recipe_digest`` is empty until marked. ``blur`` is the ThumbHash of
    the smallest rendition, in Base64; empty where it was marked before there was one."""

    __tablename__ = "proofs"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"))
    page: Mapped[int]  # 1-based
    width: Mapped[int]
    height: Mapped[int]
    media_type: Mapped[str]
    storage_key: Mapped[str]
    sha256: Mapped[str] = mapped_column(default="")
    recipe_digest: Mapped[str] = mapped_column(default="")
    blur: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("asset_id", "page"),)


class KeptClip(Base):
    """The clip of a film or a sound: the clean one, private, under ``proof_key``, and the marked one made from it.

    ``kind`` is film | sound; width and height (px) are 0 for a sound. ``recipe_digest`` is the marked one's, empty when it could
    not be marked: only one that is the recipe in force may be served."""

    __tablename__ = "clips"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), unique=True)
    kind: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    milliseconds: Mapped[int]
    proof_key: Mapped[str]
    proof_sha256: Mapped[str]
    recipe_digest: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    storage_key: Mapped[str]
    created_at: Mapped[datetime]

    @property
    def media_type(self) -> str:
        return "video/mp4" if self.kind == "film" else "audio/mp4"


class Rendition(Base):
    """One marked picture in the store, by asset, page, size and recipe: a marked master, with an empty ``link_id``, or one
    share link's own, with its forensic mark.

    ``trace`` is empty for a master; else carried | too_small | unreadable: only the first can be traced to the link.
    ``trace_key_id`` is the fingerprint of the secret that the forensic mark is keyed by."""

    __tablename__ = "renditions"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"))
    page: Mapped[int]
    size: Mapped[int]  # 480 | 960 | 2048
    link_id: Mapped[str] = mapped_column(default="")
    recipe_digest: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(default="")  # compared before a byte is served
    storage_key: Mapped[str]
    trace: Mapped[str] = mapped_column(index=True, default="")
    trace_key_id: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("asset_id", "page", "size", "link_id", "recipe_digest"),
        Index(None, "link_id", "trace"),
    )

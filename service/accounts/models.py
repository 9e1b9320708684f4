"""Studios, the members who sign in to them, and the proofs of who they are.

Secrets are kept as SHA-256 of 256 random bits: a stolen database signs nobody in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Studio(Base):
    """The freelancer's business. Every row of every domain belongs to one."""

    __tablename__ = "studios"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    timezone: Mapped[str] = mapped_column(default="UTC")
    currency: Mapped[str] = mapped_column(default="EUR")
    account_holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str] = mapped_column(default="")
    bic: Mapped[str] = mapped_column(default="")
    payment_note: Mapped[str] = mapped_column(Text, default="")
    ask_terms: Mapped[bool] = mapped_column(default=False)
    terms_text: Mapped[str] = mapped_column(Text, default="")  # empty: the built-in text in the client's language
    mark_text: Mapped[str] = mapped_column(default="")  # empty: the studio's name
    mark_strength: Mapped[str] = mapped_column(default="standard")
    mark_delivery: Mapped[bool] = mapped_column(default=False)  # weave the delivery's title in as second line
    mark_logo: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)  # PNG
    download_days: Mapped[int] = mapped_column(default=30)  # how long downloads stay open after release
    download_count: Mapped[int] = mapped_column(default=20)  # how often one grant may be used
    colour: Mapped[str] = mapped_column(default="")  # #rrggbb on the client's page; empty: ours
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)  # PNG, for the client's page
    logo_sha256: Mapped[str] = mapped_column(default="")  # of ``logo``; empty: there is none
    hide_names: Mapped[bool] = mapped_column(default=False)  # names of originals are not told before their release
    quota_mib: Mapped[int] = mapped_column(default=0)  # 0: the server's setting
    created_at: Mapped[datetime]


class Member(Base):
    """A person who signs in to a studio. An e-mail address belongs to one member."""

    __tablename__ = "members"
    id: Mapped[str] = mapped_column(primary_key=True)
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime]


class SignInLink(Base):
    """A one-time link; opening it shows a button, pressing the button consumes it. ``purpose``: sign_in |
    new_email (confirms ``new_email`` as the member's address) | first_run (nobody exists yet: no member)."""

    __tablename__ = "sign_in_links"
    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id"), index=True)
    purpose: Mapped[str] = mapped_column(default="sign_in")
    new_email: Mapped[str] = mapped_column(default="")
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    next_path: Mapped[str] = mapped_column(default="/")


class WebSession(Base):
    """A signed-in browser."""

    __tablename__ = "web_sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    proved_at: Mapped[datetime]  # when the member last proved who they are; asked again before money moves
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    agent: Mapped[str] = mapped_column(default="")


class ApiToken(Base):
    """A bearer token for programs; shown once."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class IdempotentAnswer(Base):
    """What a POST with an Idempotency-Key answered, kept in the transaction that did the work."""

    __tablename__ = "idempotent_answers"
    studio_id: Mapped[str] = mapped_column(ForeignKey("studios.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]  # method, path and body: the same key with another request is refused
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("studio_id", "key"),)

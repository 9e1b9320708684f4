"""SQL for studios, members and their proofs of identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from service.accounts.models import ApiToken, Member, SignInLink, Studio, WebSession
from service.db import Base, Tx


def add(tx: Tx, row: Base) -> None:
    tx.add(row)
    tx.flush()


def any_member(tx: Tx) -> bool:
    """Whether anybody can sign in at all."""
    return bool(tx.scalar(select(func.count()).select_from(Member)))


def first_member(tx: Tx) -> Member | None:
    """The member that came first."""
    return tx.scalar(select(Member).order_by(Member.created_at, Member.id).limit(1))


def member_by_email(tx: Tx, email: str) -> Member | None:
    return tx.scalar(select(Member).where(Member.email == email.strip().lower()))


def studio(tx: Tx, studio_id: str) -> Studio:
    return tx.get_one(Studio, studio_id)


def studio_for_update(tx: Tx, studio_id: str) -> Studio:
    """The studio's row, locked until the transaction ends."""
    return tx.scalars(select(Studio).where(Studio.id == studio_id).with_for_update()).one()


def session_by_secret(tx: Tx, secret_sha256: str, now: datetime) -> tuple[WebSession, Member, Studio] | None:
    """The live session with that secret, its member and studio."""
    query = (
        select(WebSession, Member, Studio)
        .join(Member, WebSession.member_id == Member.id)
        .join(Studio, Member.studio_id == Studio.id)
        .where(
            WebSession.secret_sha256 == secret_sha256,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > now,
        )
    )
    row = tx.execute(query).one_or_none()
    return row._tuple() if row else None


def api_token_by_secret(tx: Tx, secret_sha256: str) -> tuple[ApiToken, Member, Studio] | None:
    """The live API token with that secret, its member and studio."""
    query = (
        select(ApiToken, Member, Studio)
        .join(Member, ApiToken.member_id == Member.id)
        .join(Studio, Member.studio_id == Studio.id)
        .where(ApiToken.secret_sha256 == secret_sha256, ApiToken.revoked_at.is_(None))
    )
    row = tx.execute(query).one_or_none()
    return row._tuple() if row else None


def sign_in_link_by_secret(tx: Tx, secret_sha256: str) -> SignInLink | None:
    """The link with that secret, used or not, locked."""
    return tx.scalar(select(SignInLink).where(SignInLink.secret_sha256 == secret_sha256).with_for_update())


def member(tx: Tx, member_id: str) -> Member:
    return tx.get_one(Member, member_id)

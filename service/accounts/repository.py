"""SQL for studios, members and their proofs of identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from service.accounts.models import ApiToken, IdempotentAnswer, Member, SignInLink, Studio, WebSession
from service.db import Base, Tx, locked


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
    return tx.scalars(locked(select(Studio).where(Studio.id == studio_id))).one()


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
    return (row[0], row[1], row[2]) if row else None


def api_token_by_secret(tx: Tx, secret_sha256: str) -> tuple[ApiToken, Member, Studio] | None:
    """The live API token with that secret, its member and studio."""
    query = (
        select(ApiToken, Member, Studio)
        .join(Member, ApiToken.member_id == Member.id)
        .join(Studio, Member.studio_id == Studio.id)
        .where(ApiToken.secret_sha256 == secret_sha256, ApiToken.revoked_at.is_(None))
    )
    row = tx.execute(query).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def sign_in_link_by_secret(tx: Tx, secret_sha256: str) -> SignInLink | None:
    """The link with that secret, used or not, locked."""
    return tx.scalar(locked(select(SignInLink).where(SignInLink.secret_sha256 == secret_sha256)))


def member(tx: Tx, member_id: str) -> Member:
    return tx.get_one(Member, member_id)


def void_links(tx: Tx, member_id: str | None, purpose: str, now: datetime) -> None:
    """Uses up the open links of this purpose, so that only the newest works."""
    tx.execute(
        update(SignInLink)
        .where(SignInLink.member_id == member_id, SignInLink.purpose == purpose, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )


def forget_links(tx: Tx, before: datetime) -> None:
    """Deletes links that expired before ``before``."""
    tx.execute(delete(SignInLink).where(SignInLink.expires_at < before))


def peek_link(tx: Tx, secret_sha256: str) -> SignInLink | None:
    """The link with that secret, used or not, without a lock: for looking only."""
    return tx.scalar(select(SignInLink).where(SignInLink.secret_sha256 == secret_sha256))


def live_sessions(tx: Tx, member_id: str, now: datetime) -> list[WebSession]:
    """The member's signed-in browsers, the newest first."""
    query = (
        select(WebSession)
        .where(WebSession.member_id == member_id, WebSession.ended_at.is_(None), WebSession.expires_at > now)
        .order_by(WebSession.created_at.desc(), WebSession.id)
    )
    return list(tx.scalars(query))


def session_of(tx: Tx, member_id: str, session_id: str, now: datetime) -> WebSession | None:
    """One live session of this member."""
    query = select(WebSession).where(
        WebSession.id == session_id,
        WebSession.member_id == member_id,
        WebSession.ended_at.is_(None),
        WebSession.expires_at > now,
    )
    return tx.scalar(locked(query))


def forget_sessions(tx: Tx, before: datetime) -> None:
    """Deletes sessions that ran out before ``before``."""
    tx.execute(delete(WebSession).where(WebSession.expires_at < before))


def api_tokens(tx: Tx, member_id: str) -> list[ApiToken]:
    """The member's live tokens, the newest first."""
    query = (
        select(ApiToken)
        .where(ApiToken.member_id == member_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc(), ApiToken.id)
    )
    return list(tx.scalars(query))


def api_token_of(tx: Tx, member_id: str, token_id: str) -> ApiToken | None:
    """One live token of this member, locked."""
    query = select(ApiToken).where(
        ApiToken.id == token_id, ApiToken.member_id == member_id, ApiToken.revoked_at.is_(None)
    )
    return tx.scalar(locked(query))


def answer_to(tx: Tx, studio_id: str, key: str) -> IdempotentAnswer | None:
    """What the studio's request with this Idempotency-Key was answered."""
    return tx.get(IdempotentAnswer, (studio_id, key))


def add_answer(tx: Tx, row: IdempotentAnswer) -> bool:
    """Keeps the answer; False when another transaction was first with this key (it waits for that one to end)."""
    try:
        with tx.begin_nested():
            add(tx, row)
    except IntegrityError:
        return False
    return True


def forget_answers(tx: Tx, studio_id: str, before: datetime) -> None:
    """Deletes the studio's kept answers from before ``before``."""
    tx.execute(
        delete(IdempotentAnswer).where(IdempotentAnswer.studio_id == studio_id, IdempotentAnswer.created_at < before)
    )


def forget_all_answers(tx: Tx, before: datetime) -> None:
    """The same for every studio, for the daily clearing up."""
    tx.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < before))

"""Signed-in browsers: beginning, listing and ending them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from service.accounts import repository
from service.accounts.models import Member, WebSession
from service.accounts.who import Who, secret_hash
from service.audit.record import record
from service.db import Tx
from service.errors import NotFound
from service.kit.ids import new_id
from service.wiring import Wiring


def start_session(tx: Tx, wiring: Wiring, member: Member, *, agent: str = "") -> str:
    """A new session for ``member``, proved just now; returns its secret for the cookie (kept only as a hash)."""
    now = wiring.clock()
    secret = secrets.token_urlsafe(32)
    session = WebSession(
        id=new_id("ses"),
        member_id=member.id,
        secret_sha256=secret_hash(secret),
        created_at=now,
        proved_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=wiring.settings.web.session_days),
        agent="".join(c for c in agent if c.isprintable())[:200],
    )
    repository.forget_sessions(tx, now - timedelta(days=30))
    repository.add(tx, session)
    record(tx, wiring, member.studio_id, "member.signed_in", actor=f"member:{member.id}", data={"session": session.id})
    return secret


def end_session(tx: Tx, wiring: Wiring, who: Who, session_id: str) -> None:
    """Ends one of the member's own sessions; raises NotFound for any other."""
    now = wiring.clock()
    session = repository.session_of(tx, who.member.id, session_id, now)
    if session is None:
        raise NotFound
    session.ended_at = now
    record(tx, wiring, who.studio.id, "session.ended", actor=who.actor, data={"session": session.id})


def end_other_sessions(tx: Tx, wiring: Wiring, who: Who) -> int:
    """Ends all of the member's sessions but the one asking; returns how many."""
    now = wiring.clock()
    own = who.session.id if who.session else ""
    others = [s for s in repository.live_sessions(tx, who.member.id, now) if s.id != own]
    for session in others:
        session.ended_at = now
        record(tx, wiring, who.studio.id, "session.ended", actor=who.actor, data={"session": session.id})
    return len(others)

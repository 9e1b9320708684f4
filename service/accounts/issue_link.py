"""One-time links: made here, and told only to the mailbox or the terminal that they are for."""

from __future__ import annotations

import secrets
from datetime import timedelta

from service.accounts import repository
from service.accounts.models import SignInLink
from service.accounts.own_path import own_path
from service.accounts.who import secret_hash
from service.db import Tx
from service.kit.ids import new_id
from service.wiring import Wiring

LINK_LIVES = timedelta(minutes=20)
FIRST_RUN_LIVES = timedelta(hours=24)
"""The first-run link waits on a terminal for its owner, where there is nothing yet to steal."""


def issue_link(
    tx: Tx,
    wiring: Wiring,
    *,
    member_id: str | None,
    purpose: str = "sign_in",
    next_path: str = "/deliveries",
    new_email: str = "",
) -> str:
    """The full address of a fresh one-time link. ``purpose`` as on :class:`SignInLink`; only a hash of the secret
    is kept. A new first-run or new-address link uses up the ones before it; sign-in links may live side by side."""
    now = wiring.clock()
    repository.forget_links(tx, now - timedelta(days=7))
    if purpose != "sign_in":
        repository.void_links(tx, member_id, purpose, now)
    secret = secrets.token_urlsafe(32)
    link = SignInLink(
        id=new_id("sil"),
        member_id=member_id,
        purpose=purpose,
        new_email=new_email,
        secret_sha256=secret_hash(secret),
        created_at=now,
        expires_at=now + (FIRST_RUN_LIVES if purpose == "first_run" else LINK_LIVES),
        next_path=own_path(next_path),
    )
    repository.add(tx, link)
    return f"{wiring.settings.web.base_url.rstrip('/')}/sign-in/{secret}"

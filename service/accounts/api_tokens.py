"""API tokens: keys for programs, shown once, revocable."""

from __future__ import annotations

import secrets

from service.accounts import repository
from service.accounts.models import ApiToken
from service.accounts.plain_text import plain_text
from service.accounts.prove import recently_proved
from service.accounts.who import Who, secret_hash
from service.audit.record import record
from service.db import Tx
from service.errors import Conflict, NotFound
from service.kit.ids import new_id
from service.kit.translate import N_
from service.wiring import Wiring

MOST_TOKENS = 50


def create_api_token(tx: Tx, wiring: Wiring, who: Who, label: str) -> str:
    """A new token for the member; returned this once, kept as a hash. A token may do all that its member may, so a
    browser must have proved shortly before (Forbidden). Raises BadInput, and Conflict past 50 tokens."""
    recently_proved(who, wiring.clock())
    clean = plain_text(label, "label", at_most=60)
    if len(repository.api_tokens(tx, who.member.id)) >= MOST_TOKENS:
        raise Conflict(N_("There are very many tokens already. Please revoke one first."), code="too_many_tokens")
    secret = f"tlp_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        id=new_id("tok"),
        member_id=who.member.id,
        secret_sha256=secret_hash(secret),
        label=clean,
        created_at=wiring.clock(),
    )
    repository.add(tx, token)
    record(tx, wiring, who.studio.id, "token.created", actor=who.actor, data={"token": token.id, "label": clean})
    return secret


def revoke_api_token(tx: Tx, wiring: Wiring, who: Who, token_id: str) -> None:
    """Ends one of the member's own tokens at once; raises NotFound for any other."""
    token = repository.api_token_of(tx, who.member.id, token_id)
    if token is None:
        raise NotFound
    token.revoked_at = wiring.clock()
    record(tx, wiring, who.studio.id, "token.revoked", actor=who.actor, data={"token": token.id})

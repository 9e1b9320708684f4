"""Proving again who you are, shortly before money or access changes hands."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.accounts.who import Who
from service.errors import Forbidden
from service.kit.translate import N_

PROOF_LASTS = timedelta(minutes=15)


def recently_proved(who: Who, now: datetime) -> None:
    """Raises Forbidden(code="prove_again") when the browser's last proof is older than 15 minutes. API tokens pass:
    their holder proves with every request. A page's answer to the refusal leads to /sign-in/again."""
    if not is_proved(who, now):
        raise Forbidden(N_("Please confirm first that it is you. Nothing was changed."), code="prove_again")


def is_proved(who: Who, now: datetime) -> bool:
    """Whether :func:`recently_proved` would let them pass, for a page that says so in advance."""
    return who.session is None or now - who.session.proved_at <= PROOF_LASTS

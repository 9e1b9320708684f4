"""Redeeming a download token: the one function that lets a client have an original.

Signature first: it says where the token came from, nothing more. Then the live rows decide, read together:
grant, release, delivery, link. A signed token whose rows no longer permit it is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from service.audit.record import record
from service.db import Tx
from service.deliveries.models import Asset, Blob, Delivery
from service.errors import Forbidden, Gone, NotFound, TooManyRequests
from service.kit.ids import looks_like_id
from service.kit.tokens import BadToken
from service.kit.translate import N_
from service.releases import repository
from service.releases.issue_grant import PURPOSE, check_grant
from service.releases.models import Grant
from service.releases.repository import GrantChain
from service.shares.alive import alive
from service.wiring import Wiring

CONTINUATIONS_PER_USE = 2000
"""Range requests that go on with a download do not count as another one, but are not without end."""


@dataclass(frozen=True)
class Redeemed:
    """What may be sent: one original, or (``whole``) all that its release opens as a ZIP."""

    grant: Grant
    delivery: Delivery
    originals: list[tuple[Asset, Blob]]
    whole: bool


def redeem(tx: Tx, wiring: Wiring, token: str, *, counts: bool, continues: bool) -> Redeemed:
    """The originals that ``token`` gives a right to, counted in the grant's row.

    ``counts``: a download begins (GET from the first byte). ``continues``: a GET of a later range. Neither: HEAD.
    Raises Forbidden for a token we did not sign for this purpose, Gone when it or its grant ran out, NotFound when
    the release, the grant or the link is no longer in force.
    """
    grant_id, expires = _read(wiring, token)
    chain = repository.chain_of(tx, grant_id)
    if chain is None or not _in_force(tx, chain, wiring):
        raise NotFound(N_("This download is no longer open. Please use the link you were sent."), code="not_open")
    if wiring.clock() >= expires:
        raise Gone(N_("This download address is out of date. Please click Download again."), code="token_expired")
    originals = repository.originals_of(tx, chain.release, chain.grant.asset_id)
    if not originals:
        raise NotFound
    if counts:
        _count_use(tx, wiring, chain)
    elif continues:
        _count_continuation(chain.grant, wiring)
    return Redeemed(chain.grant, chain.delivery, originals, whole=not chain.grant.asset_id)


def _read(wiring: Wiring, token: str) -> tuple[str, datetime]:
    """The grant's id and the token's own end; raises Forbidden when it is not ours."""
    try:
        value = wiring.signer.read(PURPOSE, token)
    except BadToken as error:
        raise Forbidden(N_("This download address is not valid."), code="bad_token") from error
    match value:
        case [str() as grant_id, int() as expires] if looks_like_id(grant_id, "grt"):
            return grant_id, datetime.fromtimestamp(expires, UTC)
    raise Forbidden(N_("This download address is not valid."), code="bad_token")


def _in_force(tx: Tx, chain: GrantChain, wiring: Wiring) -> bool:
    """A release of everything permits while the delivery is released; one of an instalment, while that one is open."""
    part = bool(chain.release.instalment_id)
    return (
        chain.release.ended_at is None
        and (repository.instalment_open(tx, chain.release) if part else chain.delivery.state == "released")
        and chain.grant.revoked_at is None
        and alive(chain.link, chain.delivery, wiring.clock())
    )


def _count_use(tx: Tx, wiring: Wiring, chain: GrantChain) -> None:
    grant = chain.grant
    check_grant(grant, wiring)
    grant.uses += 1
    grant.last_used_at = wiring.clock()
    record(
        tx,
        wiring,
        chain.delivery.studio_id,
        "download.started",
        actor=f"link:{chain.link.id}",
        delivery_id=chain.delivery.id,
        data={"grant": grant.id, "asset": grant.asset_id or "all", "use": grant.uses, "of": grant.max_uses},
    )


def _count_continuation(grant: Grant, wiring: Wiring) -> None:
    """Going on is allowed after the last use was begun, for as long as the grant lives."""
    if wiring.clock() >= grant.expires_at:
        check_grant(grant, wiring)
    if grant.continuations >= CONTINUATIONS_PER_USE * max(1, grant.uses):
        raise TooManyRequests(retry_after=60)
    grant.continuations += 1

"""Giving a link's passphrase: what proves afterwards that this browser did.

The proof is a signed cookie, bound to the link and to the passphrase as it is kept: it opens no other link, and
none once the passphrase is another. Tries are counted by link and by address.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from fastapi import Request, Response

from service.db import Tx
from service.kit.tokens import BadToken
from service.shares.models import ShareLink
from service.shares.passphrase import fits
from service.throttle.throttle import throttle
from service.web.csrf import cookie_name, set_cookie
from service.wiring import Wiring

PURPOSE = "share-passphrase"
LIFE = timedelta(days=30)
_WINDOW = timedelta(minutes=15)
_BY_VISITOR, _BY_ADDRESS, _BY_LINK = 10, 30, 60


def try_passphrase(tx: Tx, wiring: Wiring, link: ShareLink, passphrase: str, *, address: str) -> bool:
    """Whether it fits. Every try counts: 10 by one address at one link, 30 by one address, 60 at one link, in a
    quarter of an hour; raises TooManyRequests past that, before looking."""
    visitor = f"{link.id} {address}"
    throttle(tx, wiring, "share.passphrase.visitor", visitor, limit=_BY_VISITOR, window=_WINDOW)
    throttle(tx, wiring, "share.passphrase.address", address, limit=_BY_ADDRESS, window=_WINDOW)
    throttle(tx, wiring, "share.passphrase.link", link.id, limit=_BY_LINK, window=_WINDOW)
    return not link.passphrase or fits(passphrase, link.passphrase)


def keep_unlocked(request: Request, response: Response, wiring: Wiring, link: ShareLink) -> None:
    """Lets this browser in from now on, for 30 days at most."""
    until = int((wiring.clock() + LIFE).timestamp())
    signed = wiring.signer.sign(PURPOSE, [link.id, _print(link), until])
    set_cookie(request, response, _cookie(link), signed, max_age=int(LIFE.total_seconds()))


def unlocked_by(wiring: Wiring, request: Request | None, link: ShareLink) -> bool:
    """Whether ``request`` carries the proof for this link; None carries none."""
    signed = request.cookies.get(cookie_name(request, _cookie(link))) if request is not None else None
    if not signed:
        return False
    try:
        inside = wiring.signer.read(PURPOSE, signed)
    except BadToken:
        return False
    match inside:
        case [link.id, str() as fingerprint, int() as until]:
            return fingerprint == _print(link) and wiring.clock() < datetime.fromtimestamp(until, UTC)
    return False


def _cookie(link: ShareLink) -> str:
    """A name of its own for each link, so that two open pages do not shut each other."""
    return f"open_{hashlib.sha256(link.id.encode()).hexdigest()[:12]}"


def _print(link: ShareLink) -> str:
    return hashlib.sha256(link.passphrase.encode()).hexdigest()[:16]

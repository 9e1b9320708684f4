"""Opening a share link: the one gate that everything a client sees goes through.

Signature first: it says which row was meant, nothing more. Then the live rows decide. Everything that does not open
gets the same answer, whether the link is unknown, forged, revoked, past its end or its delivery withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from service.accounts import repository as accounts
from service.accounts.models import Studio
from service.accounts.who import secret_hash
from service.db import Tx
from service.deliveries.models import Delivery
from service.errors import Forbidden, NotFound
from service.kit import translate
from service.kit.translate import N_
from service.shares import repository
from service.shares.address import link_id_of
from service.shares.alive import alive
from service.shares.models import ShareLink
from service.shares.terms_hash import terms_sha256
from service.shares.unlock_link import unlocked_by
from service.web.csrf import cookie_name
from service.wiring import Wiring

Need = Literal["page", "previews", "downloads"]


@dataclass(frozen=True)
class OpenedLink:
    """What a link opens. ``own`` is True for a signed-in member of the studio that made it: they see the page
    as the client does, are asked for nothing and are not counted."""

    link: ShareLink
    delivery: Delivery
    studio: Studio
    terms_accepted: bool
    unlocked: bool
    own: bool = False


def open_link(tx: Tx, wiring: Wiring, token: str, *, request: Request | None = None, need: Need) -> OpenedLink:
    """The link with this token, for one of three needs, in increasing strictness.

    Raises NotFound, the same for every link that opens nothing. For ``previews`` and ``downloads`` also raises
    Forbidden with code ``passphrase_needed`` (``request`` has no proof that it was given; None is no proof) and
    ``terms_needed``; for ``page`` the caller looks at ``unlocked`` and ``terms_accepted``. Whether downloads are
    released is not decided here. The language becomes the delivery's unless this reader chose one.
    """
    found = repository.opened_by(tx, link_id_of(wiring, token))
    if found is None or not alive(found[0], found[1], wiring.clock()):
        raise NotFound
    link, delivery, studio = found
    if request is not None and not getattr(request.state, "language_chosen", None):
        translate.use(delivery.locale)
    own = _is_own(tx, wiring, request, studio)
    opened = OpenedLink(
        link,
        delivery,
        studio,
        terms_accepted=own or _terms_accepted(tx, link, delivery),
        unlocked=own or not link.passphrase or unlocked_by(wiring, request, link),
        own=own,
    )
    if need != "page":
        check_gates(opened)
    return opened


def check_gates(opened: OpenedLink) -> None:
    """Raises Forbidden while the passphrase was not given or the terms were not accepted."""
    if not opened.unlocked:
        raise Forbidden(N_("This link asks for a passphrase first."), code="passphrase_needed")
    if not opened.terms_accepted:
        raise Forbidden(N_("The previews are shown once the terms are accepted."), code="terms_needed")


def _terms_accepted(tx: Tx, link: ShareLink, delivery: Delivery) -> bool:
    if not delivery.ask_terms:
        return True
    return repository.acceptance_of(tx, link, terms_sha256(delivery.terms_text)) is not None


def _is_own(tx: Tx, wiring: Wiring, request: Request | None, studio: Studio) -> bool:
    secret = request.cookies.get(cookie_name(request, "session")) if request is not None else None
    found = accounts.session_by_secret(tx, secret_hash(secret), wiring.clock()) if secret else None
    return found is not None and found[2].id == studio.id

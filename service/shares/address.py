"""The address of a share link: a signed pointer to its row, made anew each time, so that no secret is stored."""

from __future__ import annotations

from service.errors import NotFound
from service.kit.ids import looks_like_id
from service.kit.tokens import BadToken
from service.shares.models import ShareLink
from service.wiring import Wiring

PURPOSE = "share-link"


def token_of(wiring: Wiring, link: ShareLink) -> str:
    """The token in the link's address."""
    return wiring.signer.sign(PURPOSE, link.id)


def path_of(token: str) -> str:
    """The path of the share page with this token."""
    return f"/s/{token}"


def link_url(wiring: Wiring, link: ShareLink) -> str:
    """The whole address, as it is sent to the client."""
    return wiring.settings.web.base_url.rstrip("/") + path_of(token_of(wiring, link))


def link_id_of(wiring: Wiring, token: str) -> str:
    """The id inside a token; raises NotFound when we did not sign it for this purpose."""
    try:
        inside = wiring.signer.read(PURPOSE, token)
    except BadToken as error:
        raise NotFound from error
    if not isinstance(inside, str) or not looks_like_id(inside, "lnk"):
        raise NotFound
    return inside

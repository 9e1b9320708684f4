"""Whether a share link still opens anything. Pure: the rows and the moment are passed in."""

from __future__ import annotations

from datetime import datetime

from service.deliveries.models import Delivery
from service.shares.models import ShareLink

_OPEN = {"held", "released"}


def alive(link: ShareLink, delivery: Delivery, now: datetime) -> bool:
    """True while the link is neither revoked nor past its end, and its delivery was sent and not withdrawn.

    Only the end is compared with the clock, never the beginning: a link made by a machine whose clock is ahead works
    at once on the others, and none lives longer than the reading machine's clock says.
    """
    ended = link.expires_at is not None and now >= link.expires_at
    return link.revoked_at is None and not ended and link.delivery_id == delivery.id and delivery.state in _OPEN

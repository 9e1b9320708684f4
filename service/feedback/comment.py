"""A client's remark on a page of an asset, pinned to a spot or a moment, or on the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.errors import BadInput, NotFound
from service.feedback import repository
from service.feedback.limits import may_speak, tidy
from service.feedback.models import Comment
from service.feedback.moments import shown_moment
from service.kit.ids import new_id
from service.kit.translate import N_
from service.notify.outbox import send
from service.previews import repository as previews
from service.shares.open_link import OpenedLink
from service.wiring import Wiring

QUIET = timedelta(minutes=30)
"""Comments come in bursts: the studio gets one e-mail for those that follow each other within this time."""
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Said:
    """A remark as it was sent. ``spot`` in thousandths of the page's width and height; None is the whole of it."""

    asset_id: str
    page: int
    text: str
    spot: tuple[int, int] | None = None
    moment_ms: int | None = None


def comment(tx: Tx, wiring: Wiring, opened: OpenedLink, said: Said) -> Comment:
    """Raises NotFound for what is not in the link's delivery, BadInput, Conflict (own visit) and TooManyRequests."""
    link, delivery = opened.link, opened.delivery
    asset = deliveries.asset_of(tx, delivery.id, said.asset_id)
    if said.page != 1 and not previews.has_page(tx, delivery.id, asset.id, said.page):
        raise NotFound
    text = tidy(said.text, "text", needed=True)
    if said.spot and not all(0 <= part <= 1000 for part in said.spot):
        raise BadInput(N_("This spot is not on the picture."), field="text")
    if said.moment_ms is not None and not 0 <= said.moment_ms < _DAY_MS:
        raise BadInput(N_("This moment is not in the recording."), field="text")
    may_speak(tx, wiring, opened, "comment")
    before = repository.last_comment(tx, delivery.id)
    x, y = said.spot or (None, None)
    row = Comment(
        id=new_id("com"),
        delivery_id=delivery.id,
        link_id=link.id,
        asset_id=asset.id,
        page=said.page,
        spot_x=x,
        spot_y=y,
        moment_ms=said.moment_ms,
        text=text,
        name=link.name,
        at=wiring.clock(),
    )
    repository.add(tx, row)
    told = {"link": link.id, "name": link.name, "asset": asset.id, "what": asset.filename, "comment": row.id}
    record(tx, wiring, delivery.studio_id, "comment.added", actor=f"link:{link.id}", delivery_id=delivery.id, data=told)
    if before is None or row.at - before.at >= QUIET:
        _tell(tx, wiring, opened, row, asset.filename)
    return row


def _tell(tx: Tx, wiring: Wiring, opened: OpenedLink, row: Comment, what: str) -> None:
    studio = opened.studio
    send(
        tx,
        wiring,
        studio_id=studio.id,
        kind="commented",
        recipient=studio.email,
        locale=studio.locale,
        delivery_id=opened.delivery.id,
        title=opened.delivery.title,
        name=row.name,
        what=what if row.moment_ms is None else f"{what}, {shown_moment(row.moment_ms)}",
        text=row.text,
    )

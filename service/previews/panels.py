"""What the studio is told of its previews: which of them could not be traced if they were found."""

from __future__ import annotations

from fastapi import Request

from service.db import Tx
from service.deliveries.models import Delivery
from service.previews import repository
from service.web.panels import Panel, delivery_panel

SHOWN = 8


@delivery_panel
def untraceable(tx: Tx, request: Request, delivery: Delivery) -> Panel | None:  # noqa: ARG001 - a panel's form
    """The pictures that carry the visible mark alone; nothing when there is none."""
    count, first = repository.untraceable_of(tx, delivery.id, SHOWN)
    return Panel("previews/untraceable.html", 15, {"assets": first, "more": count - len(first)}) if count else None

"""The way of a delivery, step by step: draft, sent, viewed, paid, released, each with its time once it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.audit.repository import Span, spans_of_delivery
from service.db import Tx
from service.deliveries.models import Delivery
from service.kit.translate import N_
from service.payments.invoice import balance_of
from service.releases.repository import release_in_force

SENT, VIEWED, PAID = "delivery.sent", "link.first_viewed", "payment.received"


@dataclass(frozen=True)
class Step:
    """``name`` is a message to translate; ``at`` is None until the step is reached, and again when it is undone."""

    name: str
    at: datetime | None


def steps_of(tx: Tx, delivery: Delivery) -> list[Step]:
    """The five steps. A delivery can be released without payment, and paid without being released."""
    spans = spans_of_delivery(tx, delivery.studio_id, delivery.id, (SENT, VIEWED, PAID))
    release = release_in_force(tx, delivery.id, lock=False)
    return [
        Step(N_("Draft"), delivery.created_at),
        Step(N_("Sent"), _first(spans, SENT)),
        Step(N_("Viewed"), _first(spans, VIEWED)),
        Step(N_("Paid"), spans[PAID].last if PAID in spans and balance_of(tx, delivery.id).settled else None),
        Step(N_("Released"), release.at if release else None),
    ]


def _first(spans: dict[str, Span], kind: str) -> datetime | None:
    return spans[kind].first if kind in spans else None

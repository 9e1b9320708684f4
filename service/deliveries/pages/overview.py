"""The list of deliveries: state, client, amount, and who acts next; found by words, state or lateness."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository
from service.deliveries.next_step import next_step
from service.deliveries.undo import UNDO
from service.kit.addresses import with_query
from service.kit.money import Money
from service.kit.translate import N_
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import render

router = APIRouter(route_class=PageRoute)
AT_ONCE = 50
FILTERS = {
    "": N_("All"),
    "draft": N_("Drafts"),
    "held": N_("Held"),
    "overdue": N_("Overdue"),
    "released": N_("Released"),
    "withdrawn": N_("Withdrawn"),
}


@router.get("/deliveries")
def deliveries_page(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    after: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    show: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Newest first, fifty on a page. ``q`` is looked for as it stands; a ``show`` we do not know shows all."""
    words, show = " ".join(q.replace("\0", " ").split()), show if show in FILTERS else ""
    today = wiring.clock().date()
    found = repository.list_deliveries(
        tx, who.studio.id, limit=AT_ONCE + 1, after=after or None, text=words, **_which(show, today)
    )
    rows = [
        {
            "delivery": row.delivery,
            "amount": Money(row.invoice.amount_minor, row.invoice.currency),
            "due_on": row.invoice.due_on,
            "late": row.delivery.state == "held" and row.invoice.due_on is not None and row.invoice.due_on < today,
            "next": next_step(
                row.delivery.state, row.delivery.client_name, has_assets=row.has_assets, agreed=row.delivery.agreed
            ),
        }
        for row in found[:AT_ONCE]
    ]
    return render(
        request,
        "deliveries/overview.html",
        rows=rows,
        any_deleted=bool(repository.deleted_since(tx, who.studio.id, wiring.clock() - UNDO, limit=1)),
        words=words,
        show=show,
        filters=[(name, label, _address(words, name)) for name, label in FILTERS.items()],
        first=_address(words, show) if after else "",
        following=_address(words, show, found[AT_ONCE - 1].delivery.id) if len(found) > AT_ONCE else "",
    )


def _which(show: str, today: date) -> dict[str, Any]:
    """What a filter asks of the list."""
    if show == "overdue":
        return {"state": "held", "due_before": today}
    return {"state": show or None}


def _address(words: str, show: str, after: str = "") -> str:
    return with_query("/deliveries", q=words, show=show, after=after)

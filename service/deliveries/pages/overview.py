"""The list of deliveries: state, client, amount, and who acts next."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository
from service.deliveries.next_step import next_step
from service.kit.money import Money
from service.web.boundary import PageRoute, TxDep
from service.web.templates import render

router = APIRouter(route_class=PageRoute)
AT_ONCE = 50


@router.get("/deliveries")
def deliveries_page(
    request: Request, tx: TxDep, who: SignedIn, after: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Newest first, fifty on a page."""
    found = repository.list_deliveries(tx, who.studio.id, limit=AT_ONCE + 1, after=after or None)
    rows = [
        {
            "delivery": row.delivery,
            "amount": Money(row.invoice.amount_minor, row.invoice.currency),
            "due_on": row.invoice.due_on,
            "next": next_step(row.delivery.state, row.delivery.client_name, has_assets=row.has_assets),
        }
        for row in found[:AT_ONCE]
    ]
    following = f"/deliveries?after={found[AT_ONCE - 1].delivery.id}" if len(found) > AT_ONCE else ""
    return render(
        request, "deliveries/overview.html", rows=rows, first="/deliveries" if after else "", following=following
    )

"""The studio's clients: the list, and one of them with all that was delivered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from service.accounts.who import SignedIn
from service.clients import repository
from service.deliveries import repository as deliveries
from service.errors import NotFound
from service.kit.addresses import with_query
from service.kit.money import Money
from service.web.boundary import PageRoute, TxDep
from service.web.templates import render

router = APIRouter(route_class=PageRoute, include_in_schema=False)
AT_ONCE = 50
PAGE, ONE = "/clients", "/clients/one"
Key = Annotated[str, Query(max_length=300)]


@router.get(PAGE)
def clients_page(
    request: Request, tx: TxDep, who: SignedIn, after: Key = "", q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Everybody whom something was delivered to, fifty on a page."""
    words = " ".join(q.replace("\0", " ").split())
    found = repository.clients_of(tx, who.studio.id, limit=AT_ONCE + 1, after=after.replace("\0", ""), text=words)
    keys = [client.key for client in found[:AT_ONCE]]
    owed = repository.owed_by(tx, who.studio.id, keys)
    seen = repository.last_seen(tx, who.studio.id, keys)
    rows = [
        {
            "client": client,
            "owed": owed.get(client.key, []),
            "seen": seen.get(client.key),
            "place": with_query(ONE, who=client.key),
        }
        for client in found[:AT_ONCE]
    ]
    return render(
        request,
        "clients/clients.html",
        rows=rows,
        words=words,
        zone=who.studio.timezone,
        first=with_query(PAGE, q=words) if after else "",
        following=with_query(PAGE, q=words, after=keys[-1]) if len(found) > AT_ONCE else "",
    )


@router.get(ONE)
def client_page(
    request: Request,
    tx: TxDep,
    who: SignedIn,
    who_is: Annotated[str, Query(alias="who", max_length=300)],
    after: Key = "",
) -> Response:
    """One client: what they owe, when they last looked, and their deliveries."""
    key = who_is.replace("\0", "")
    client = repository.client_of(tx, who.studio.id, key)
    if client is None:
        raise NotFound
    last = deliveries.delivery_of(tx, who.studio.id, after) if after else None
    found = repository.deliveries_of(tx, who.studio.id, key, limit=AT_ONCE + 1, after=last)
    rows: list[dict[str, Any]] = [
        {"delivery": delivery, "amount": Money(invoice.amount_minor, invoice.currency), "due_on": invoice.due_on}
        for delivery, invoice in found[:AT_ONCE]
    ]
    following = with_query(ONE, who=key, after=found[AT_ONCE - 1][0].id) if len(found) > AT_ONCE else ""
    return render(
        request,
        "clients/client.html",
        client=client,
        owed=repository.owed_by(tx, who.studio.id, [key]).get(key, []),
        seen=repository.last_seen(tx, who.studio.id, [key]).get(key),
        rows=rows,
        zone=who.studio.timezone,
        first=with_query(ONE, who=key) if after else "",
        following=following,
    )

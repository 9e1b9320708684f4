"""The studio's page on which an invoice is split into parts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from service.accounts.who import SignedIn
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.deliveries.typed import due_date
from service.errors import BadInput, Conflict
from service.kit.translate import _
from service.payments import repository
from service.payments.agree_instalments import MOST, NewPart, agree_instalments
from service.payments.instalments import plan_of
from service.payments.numbers import numbers_in, shown_numbers
from service.payments.typed import money_from
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.problems import shown
from service.web.templates import redirect, render

router = APIRouter(route_class=PageRoute)
LISTED = 500
Column = Annotated[list[Annotated[str, Form(max_length=400)]], Form(max_length=MOST)]
Row = dict[str, str]


@router.get("/deliveries/{delivery_id}/instalments")
def instalments_page(request: Request, tx: TxDep, who: SignedIn, delivery_id: str) -> Response:
    """The parts as they are agreed, and room for more."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
    return _page(request, tx, delivery, _agreed(tx, delivery))


@router.post("/deliveries/{delivery_id}/instalments")
def set_instalments(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    amount: Column,
    due_on: Column,
    opens: Column,
    numbers: Column,
) -> Response:
    """Splits the invoice; a row without an amount is no part."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    columns = zip(amount, due_on, opens, numbers, strict=False)
    rows = [dict(zip(("amount", "due_on", "opens", "numbers"), row, strict=True)) for row in columns]
    try:
        parts = _parts(tx, delivery, [row for row in rows if row["amount"].strip()])
        agree_instalments(tx, wiring, studio_id=who.studio.id, delivery_id=delivery.id, parts=parts, actor=who.actor)
    except (BadInput, Conflict) as error:
        return _page(request, tx, delivery, rows, problem=shown(error), status=error.status)
    words = _("The parts are agreed.") if parts else _("It is paid in one sum again.")
    return redirect(request, f"/deliveries/{delivery.id}#money", flash=words)


def _parts(tx: Tx, delivery: Delivery, rows: list[Row]) -> list[NewPart]:
    currency = deliveries.invoice_of(tx, delivery.id).currency
    ids = [asset_id for asset_id, _name, _opened_by in repository.places_of(tx, delivery.id)]
    return [
        NewPart(
            amount=money_from(row["amount"], currency),
            due_on=due_date(row["due_on"]),
            opens=row["opens"],
            assets=frozenset(ids[n - 1] for n in numbers_in(row["numbers"], len(ids)))
            if row["opens"] == "chosen"
            else frozenset(),
        )
        for row in rows
    ]


def _agreed(tx: Tx, delivery: Delivery) -> list[Row]:
    """The agreed parts as they would be typed."""
    places = repository.places_of(tx, delivery.id)
    return [
        {
            "amount": part.owed.plain(),
            "due_on": part.row.due_on.isoformat() if part.row.due_on else "",
            "opens": part.row.opens,
            "numbers": shown_numbers(n for n, place in enumerate(places, 1) if place[2] == part.row.id),
        }
        for part in plan_of(tx, delivery.id).parts
    ]


def _page(
    request: Request, tx: Tx, delivery: Delivery, rows: list[Row], *, problem: str = "", status: int = 200
) -> Response:
    plan = plan_of(tx, delivery.id)
    fixed = bool(plan.balance.paid.minor)
    room = len(rows) if fixed else min(MOST, max(3, len(rows) + 1))
    empty: Row = {"amount": "", "due_on": "", "opens": "nothing", "numbers": ""}
    return render(
        request,
        "payments/instalments.html",
        status=status,
        delivery=delivery,
        balance=plan.balance,
        rows=[*rows, *([empty] * (room - len(rows)))],
        settled=[part.settled or part.row.opened_at is not None for part in plan.parts],
        fixed=fixed,
        places=repository.places_of(tx, delivery.id)[:LISTED],
        problem=problem,
    )

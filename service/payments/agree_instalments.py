"""Agreeing that an invoice is paid in parts, when each is due, and what each opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.create import new_reference
from service.deliveries.models import Delivery, Instalment
from service.deliveries.rules import check_open
from service.errors import BadInput, Conflict
from service.kit.ids import new_id
from service.kit.money import Money
from service.kit.translate import N_
from service.payments import repository
from service.payments.instalments import Part, plan_of
from service.payments.settle import set_due
from service.wiring import Wiring

OPENS = ("nothing", "chosen", "all")
MOST = 12


@dataclass(frozen=True)
class NewPart:
    """A part as it is asked for. ``assets``: the ids it opens, where ``opens`` is chosen; else empty."""

    amount: Money
    due_on: date | None = None
    opens: str = "nothing"
    assets: frozenset[str] = frozenset()


def agree_instalments(
    tx: Tx, wiring: Wiring, *, studio_id: str, delivery_id: str, parts: Sequence[NewPart], actor: str
) -> Delivery:
    """Splits the invoice into ``parts``, in order; none makes it one sum again. A part keeps its reference.

    Once money has come the number of parts and their amounts stay, and what a settled part opens stays, too. Raises
    NotFound, Conflict, and BadInput that names the field (``amount``, ``opens`` or ``assets``).
    """
    delivery = deliveries.delivery_of(tx, studio_id, delivery_id, lock=True)
    check_open(delivery.state)
    if delivery.state == "released":
        raise Conflict(N_("The originals are released, so the parts stay as they are."), code="released")
    present = {asset_id: opened_by for asset_id, _name, opened_by in repository.places_of(tx, delivery.id)}
    before = plan_of(tx, delivery.id)
    _check(parts, before.balance.owed, set(present))
    if before.balance.paid.minor:
        _check_kept(before.parts, parts, present)
    _keep(tx, wiring, delivery, before.parts, parts)
    set_due(tx, delivery)
    told = {"parts": [{"amount": p.amount.plain(), "opens": p.opens, "assets": len(p.assets)} for p in parts]}
    kind = "instalments.agreed" if parts else "instalments.dropped"
    record(tx, wiring, studio_id, kind, actor=actor, delivery_id=delivery.id, data=told)
    return delivery


def _check(parts: Sequence[NewPart], owed: Money, present: set[str]) -> None:
    if len(parts) == 1 or len(parts) > MOST:
        raise BadInput(N_("Give two to twelve parts, or none."), field="amount")
    if any(part.amount.minor <= 0 or part.amount.currency != owed.currency for part in parts):
        raise BadInput(N_("Each part must be more than zero, in the invoice's currency."), field="amount")
    if parts and sum(part.amount.minor for part in parts) != owed.minor:
        raise BadInput(N_("The parts must add up to %(amount)s."), field="amount", amount=owed.plain())
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if part.opens not in OPENS or (part.opens == "chosen") != bool(part.assets):
            raise BadInput(N_("Say which files a part opens, or that it opens nothing or all."), field="opens")
        if part.opens != "nothing" and any(earlier.opens == "all" for earlier in parts[:number]):
            raise BadInput(N_("After a part that opens everything there is nothing left to open."), field="opens")
        if part.assets & seen:
            raise BadInput(N_("A file can be opened by one part only."), field="assets")
        if not part.assets <= present:
            raise BadInput(N_("A part names a file that is not in this delivery."), field="assets")
        seen |= part.assets


def _check_kept(before: Sequence[Part], parts: Sequence[NewPart], present: dict[str, str]) -> None:
    fixed = Conflict(
        N_("Money has come already: the amounts, and what a paid part opens, stay as they are."),
        code="instalments_fixed",
    )
    if [part.owed for part in before] != [part.amount for part in parts]:
        raise fixed
    for old, new in zip(before, parts, strict=True):
        assets = {asset for asset, opened_by in present.items() if opened_by == old.row.id}
        if (old.settled or old.row.opened_at) and (old.row.opens != new.opens or assets != new.assets):
            raise fixed


def _keep(tx: Tx, wiring: Wiring, delivery: Delivery, before: Sequence[Part], parts: Sequence[NewPart]) -> None:
    """Rows are changed where they stand, so that a reference which a client has noted stays good."""
    rows = [part.row for part in before]
    for row in rows:
        if row.opened_at is None:
            repository.assign(tx, row, ())
    for row in rows[len(parts) :]:
        repository.drop(tx, row)
    for number, part in enumerate(parts):
        row = rows[number] if number < len(rows) else _new(tx, wiring, delivery, number + 1, part)
        row.amount_minor, row.due_on, row.opens = part.amount.minor, part.due_on, part.opens
        if row.opened_at is None:
            repository.assign(tx, row, part.assets)


def _new(tx: Tx, wiring: Wiring, delivery: Delivery, position: int, part: NewPart) -> Instalment:
    row = Instalment(
        id=new_id("ins"),
        studio_id=delivery.studio_id,
        delivery_id=delivery.id,
        position=position,
        amount_minor=part.amount.minor,
        reference=new_reference(tx, delivery.studio_id),
        created_at=wiring.clock(),
    )
    deliveries.add(tx, row)
    return row

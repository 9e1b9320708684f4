"""Reminding a client of what is still open: three tones, each read by the studio before it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from service.accounts import repository as accounts
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.errors import BadInput, Conflict
from service.kit.translate import N_, shown_date, using
from service.notify.outbox import is_address, send
from service.notify.own_text import written
from service.payments.instalments import Plan, owed_now, plan_of
from service.shares import repository as shares
from service.shares.address import link_url
from service.wiring import Wiring

TONES = {
    "polite": N_("Polite: it may have slipped by"),
    "firm": N_("Firm: a week to pay"),
    "formal": N_("Formal: two weeks, in writing"),
}
"""The tones in the order in which good advice climbs them."""


@dataclass(frozen=True)
class Draft:
    """A reminder as it would leave: to whom, and its words in the client's language."""

    recipient: str
    subject: str
    body: str


def draft(tx: Tx, wiring: Wiring, delivery: Delivery, tone: str) -> Draft:
    """What :func:`remind` would send now. Raises BadInput for a tone we do not have, Conflict when there is nothing to
    remind of or nobody to write to."""
    kind = tone_kind(tone)
    parts = check_can_remind(tx, delivery)
    subject, body = written(tx, delivery.studio_id, kind, delivery.locale, _values(tx, wiring, delivery, parts))
    return Draft(delivery.client_email, subject, body)


def remind(tx: Tx, wiring: Wiring, delivery: Delivery, tone: str, *, actor: str) -> None:
    """Writes the reminder to the client and records it. The caller has locked the delivery's row."""
    kind = tone_kind(tone)
    parts = check_can_remind(tx, delivery)
    studio = accounts.studio(tx, delivery.studio_id)
    send(
        tx,
        wiring,
        studio_id=delivery.studio_id,
        kind=kind,
        recipient=delivery.client_email,
        locale=delivery.locale,
        delivery_id=delivery.id,
        reply_to=studio.email,
        **_values(tx, wiring, delivery, parts),
    )
    told = {"tone": tone, "to": delivery.client_email}
    if not wiring.mail_leaves:
        told["kept"] = "yes"
    record(tx, wiring, delivery.studio_id, "reminder.sent", actor=actor, delivery_id=delivery.id, data=told)


def can_remind(tx: Tx, delivery: Delivery, parts: Plan) -> bool:
    """Whether there is something to remind of and somebody to write to."""
    owes = parts.balance.open.minor > 0 and owed_now(tx, delivery, parts)
    return owes and is_address(delivery.client_email)


def check_can_remind(tx: Tx, delivery: Delivery) -> Plan:
    """What stands open; raises Conflict when nobody can be reminded of it."""
    parts = plan_of(tx, delivery.id)
    if not can_remind(tx, delivery, parts):
        raise nothing_to_remind()
    return parts


def nothing_to_remind() -> Conflict:
    return Conflict(
        N_("There is nothing to remind of: nothing is open, the work is not held, or the client has no e-mail."),
        code="nothing_to_remind",
    )


def tone_kind(tone: str) -> str:
    """The message that is sent in this tone; raises BadInput."""
    if tone not in TONES:
        raise BadInput(N_("Choose how the reminder should sound."), field="tone")
    return f"reminder_{tone}"


def _values(tx: Tx, wiring: Wiring, delivery: Delivery, parts: Plan) -> dict[str, object]:
    invoice, studio = deliveries.invoice_of(tx, delivery.id), accounts.studio(tx, delivery.studio_id)
    links = shares.live_links_of(tx, delivery.id, wiring.clock())
    with using(delivery.locale):
        due = shown_date(invoice.due_on) if invoice.due_on else ""
    return {
        "studio": studio.name,
        "client": delivery.client_name,
        "title": delivery.title,
        "open": parts.open_now.shown(delivery.locale),
        "reference": parts.due.row.reference if parts.due else invoice.reference,
        "due": due,
        "link": link_url(wiring, links[0]) if links else "",
    }

"""A reminder for a day: read and planned by the studio, sent by itself when the day comes, unless it is paid or paused.

One for each delivery. What was planned is forgotten in the transaction that sends it, so it leaves once, whichever machine
is first. While the client says that the payment is on its way, it waits some days more.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from service.accounts import repository as accounts
from service.audit.record import record
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.errors import BadInput, TillpaidError
from service.jobs.queue import Work
from service.kit.translate import N_
from service.payments import repository
from service.payments.instalments import plan_of
from service.payments.models import PlannedReminder
from service.payments.remind import can_remind, check_can_remind, nothing_to_remind, remind, tone_kind
from service.wiring import Wiring

FURTHEST = timedelta(days=366)
FROM_HOUR, TO_HOUR = 9, 18
PATIENCE = timedelta(days=3)
log = structlog.get_logger("reminders")


def plan_reminder(tx: Tx, wiring: Wiring, delivery: Delivery, tone: str, day: date, *, actor: str) -> None:
    """In place of what was planned before. The caller has locked the delivery's row. Raises BadInput and Conflict."""
    tone_kind(tone)
    check_can_remind(tx, delivery)
    studio = accounts.studio(tx, delivery.studio_id)
    today = wiring.clock().astimezone(ZoneInfo(studio.timezone)).date()
    if not today < day <= today + FURTHEST:
        raise BadInput(N_("Choose a day from tomorrow on, within a year."), field="day")
    before = repository.planned_reminder(tx, delivery.id)
    if before is not None:
        repository.forget_planned(tx, before)
    row = PlannedReminder(
        delivery_id=delivery.id, studio_id=studio.id, tone=tone, on_day=day, planned_by=actor, planned_at=wiring.clock()
    )
    repository.add_planned(tx, row)
    told = {"tone": tone, "day": day.isoformat()}
    record(tx, wiring, studio.id, "reminder.planned", actor=actor, delivery_id=delivery.id, data=told)


def pause_reminder(tx: Tx, wiring: Wiring, delivery: Delivery, *, paused: bool, actor: str) -> None:
    """Pauses what is planned, or goes on with it. The caller has locked the delivery's row. Raises Conflict when there is
    nothing."""
    row = repository.planned_reminder(tx, delivery.id)
    if row is None:
        raise nothing_to_remind()
    if row.paused != paused:
        row.paused = paused
        kind = "reminder.paused" if paused else "reminder.resumed"
        record(tx, wiring, delivery.studio_id, kind, actor=actor, delivery_id=delivery.id, data={})


def send_due(work: Work) -> None:
    """Sends every planned reminder whose day has come, between nine and six in its studio's time. One that fails keeps no
    other from leaving, and is tried again in an hour."""
    wiring: Wiring = work.wiring
    with wiring.db.read() as tx:
        due = repository.reminders_until(tx, (wiring.clock() + timedelta(days=1)).date())
    for row, zone in due:
        if not _is_due(row, wiring.clock().astimezone(ZoneInfo(zone))):
            continue
        try:
            with wiring.db.write() as tx:
                _send(tx, wiring, row.studio_id, row.delivery_id)
        except TillpaidError as error:
            log.error("reminder not sent", delivery=row.delivery_id, error=error.code)
    with work.finish():
        pass


def _is_due(row: PlannedReminder, local: datetime) -> bool:
    return row.on_day <= local.date() and FROM_HOUR <= local.hour < TO_HOUR


def _send(tx: Tx, wiring: Wiring, studio_id: str, delivery_id: str) -> None:
    delivery = deliveries.delivery_of(tx, studio_id, delivery_id, lock=True)
    row = repository.planned_reminder(tx, delivery_id)
    zone = ZoneInfo(accounts.studio(tx, studio_id).timezone)
    local = wiring.clock().astimezone(zone)
    if row is None or row.paused or not _is_due(row, local):  # sent, paused or moved meanwhile
        return
    if not can_remind(tx, delivery, plan_of(tx, delivery_id)):
        repository.forget_planned(tx, row)
    elif repository.notice_waiting(tx, delivery_id):
        row.on_day = local.date() + PATIENCE
    else:
        repository.forget_planned(tx, row)
        remind(tx, wiring, delivery, row.tone, actor="system")

"""The page on which a reminder is read before it is sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response

from service.accounts.who import SignedIn
from service.deliveries import repository as deliveries
from service.kit.translate import N_, _, shown_date
from service.payments.plan_reminder import pause_reminder, plan_reminder
from service.payments.remind import TONES, draft, remind
from service.web.boundary import PageRoute, TxDep, WiringDep
from service.web.templates import redirect, render

REMINDED = N_("The reminder is on its way to %(recipient)s.")
KEPT = N_(
    "The reminder to %(recipient)s is in the outbox. No mail server is set up here: copy it and send it yourself."
)
router = APIRouter(route_class=PageRoute)


@router.get("/deliveries/{delivery_id}/reminder")
def reminder_page(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    tone: Annotated[str, Query(max_length=20)] = "polite",
) -> Response:
    """The reminder in one tone as the client would get it, and the other tones to look at."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id)
    letter = draft(tx, wiring, delivery, tone)
    today = wiring.clock().astimezone(ZoneInfo(who.studio.timezone)).date()
    return render(
        request,
        "payments/reminder.html",
        delivery=delivery,
        letter=letter,
        tone=tone,
        tones=TONES,
        tomorrow=today + timedelta(days=1),
    )


@router.post("/deliveries/{delivery_id}/reminder")
def send_reminder(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    tone: Annotated[str, Form(max_length=20)],
) -> Response:
    """Sends the reminder in this tone."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    remind(tx, wiring, delivery, tone, actor=who.actor)
    words = REMINDED if wiring.mail_leaves else KEPT
    return redirect(request, f"/deliveries/{delivery_id}", flash=_(words) % {"recipient": delivery.client_email})


@router.post("/deliveries/{delivery_id}/reminder/plan")
def plan_it(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    tone: Annotated[str, Form(max_length=20)],
    day: Annotated[date, Form()],
) -> Response:
    """Plans the reminder in this tone for a day, in place of one that was planned before."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    plan_reminder(tx, wiring, delivery, tone, day, actor=who.actor)
    words = _("The reminder's day is %(day)s. It does not leave if it is paid by then.") % {"day": shown_date(day)}
    return redirect(request, f"/deliveries/{delivery_id}", flash=words)


@router.post("/deliveries/{delivery_id}/reminder/pause")
def pause_it(
    request: Request,
    tx: TxDep,
    wiring: WiringDep,
    who: SignedIn,
    delivery_id: str,
    paused: Annotated[bool, Form()],
) -> Response:
    """Pauses the planned reminder, or goes on with it."""
    delivery = deliveries.delivery_of(tx, who.studio.id, delivery_id, lock=True)
    pause_reminder(tx, wiring, delivery, paused=paused, actor=who.actor)
    return redirect(request, f"/deliveries/{delivery_id}#money")

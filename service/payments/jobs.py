"""The payments' job: reminders whose day has come."""

from __future__ import annotations

from datetime import timedelta

from service.jobs.queue import Work, periodic
from service.payments.plan_reminder import send_due


@periodic("payments.remind", every=timedelta(hours=1))
def send_reminders(work: Work) -> None:
    """Planned ones only: nothing leaves that a member has not read and planned."""
    send_due(work)

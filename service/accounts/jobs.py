"""The accounts' job: what has run out is forgotten."""

from __future__ import annotations

from datetime import timedelta

from service.accounts import repository
from service.accounts.idempotency import KEPT
from service.jobs.queue import Work, periodic
from service.throttle import repository as throttles
from service.throttle.throttle import LONGEST

KEPT_AFTER_END = timedelta(days=30)


@periodic("accounts.forget", every=timedelta(days=1))
def forget(work: Work) -> None:
    """Sessions and one-time links a month after their end, kept answers and counters once nothing asks for them."""
    now = work.wiring.clock()
    with work.finish() as tx:
        repository.forget_sessions(tx, now - KEPT_AFTER_END)
        repository.forget_links(tx, now - KEPT_AFTER_END)
        repository.forget_all_answers(tx, now - KEPT)
        throttles.sweep(tx, now - 2 * LONGEST)

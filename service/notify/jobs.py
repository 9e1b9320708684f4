"""Sending what is in the outbox.

Mail servers are away for hours now and then, longer than the queue's few attempts: so a message that could not leave
is queued again, with a growing delay, until it is two days old.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from service.db import Tx
from service.jobs.queue import JobQueue, Work, job
from service.notify import repository
from service.notify.channel import Channel, TryLater, Undeliverable
from service.notify.compose import compose
from service.notify.models import OutboxMessage
from service.notify.outbox import SECRET_KINDS
from service.wiring import Wiring

GIVE_UP = timedelta(days=2)
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=4)
BLANKED = "(not kept)"
log = structlog.get_logger("notify")


@job("notify.send")
def send_message(work: Work) -> None:
    """Hands one message to the channel and writes down how that went."""
    wiring: Wiring = work.wiring
    channel: Channel = wiring.channel
    studio_id, message_id = work.payload["studio_id"], work.payload["message_id"]
    with wiring.db.read() as tx:
        row = repository.message_of(tx, studio_id, message_id)
    if row is None or row.state != "waiting":
        with work.finish():
            return
    state, error = channel.outcome, ""
    try:
        channel.deliver(compose(row, wiring.settings), row.id)
    except Undeliverable as refused:
        state, error = "failed", str(refused)
    except TryLater as trouble:
        state, error = "waiting", str(trouble)
    with work.finish() as tx:
        written = repository.message_of(tx, studio_id, message_id, lock=True)
        if written is not None:
            _write_down(tx, wiring, written, state, error)
    log.info("message", message=message_id, message_kind=row.kind, outcome=state)


def _write_down(tx: Tx, wiring: Wiring, row: OutboxMessage, state: str, error: str) -> None:
    now = wiring.clock()
    row.attempts += 1
    row.error = error
    row.state = state
    if state == "waiting":
        wait = min(FIRST_DELAY * 2 ** (row.attempts - 1), LONGEST_DELAY)
        if now + wait - row.created_at > GIVE_UP:
            row.state = "failed"
        else:
            queue: JobQueue = wiring.queue
            payload = {"studio_id": row.studio_id, "message_id": row.id}
            queue.enqueue(tx, "notify.send", payload, run_at=now + wait, priority=10)
    elif state != "failed":
        row.sent_at = now
    if row.state != "waiting" and row.kind in SECRET_KINDS:
        row.body = BLANKED

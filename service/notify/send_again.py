"""Trying a message once more that did not get through."""

from __future__ import annotations

from service.db import Tx
from service.errors import Conflict, NotFound
from service.kit.translate import N_
from service.notify import repository
from service.notify.models import OutboxMessage
from service.notify.outbox import SECRET_KINDS, is_address, put_in_queue
from service.wiring import Wiring


def may_send_again(row: OutboxMessage) -> bool:
    """Only what failed, has its text still, and has an address to go to."""
    return row.state == "failed" and row.kind not in SECRET_KINDS and is_address(row.recipient)


def send_again(tx: Tx, wiring: Wiring, studio_id: str, message_id: str) -> OutboxMessage:
    """Queues a failed message of this studio as if it were new. Raises NotFound or Conflict."""
    row = repository.message_of(tx, studio_id, message_id, lock=True)
    if row is None:
        raise NotFound
    if not may_send_again(row):
        raise Conflict(N_("Only a message that could not be sent can be sent again."), code="not_failed")
    row.state, row.error, row.attempts = "waiting", "", 0
    row.created_at = wiring.clock()
    put_in_queue(tx, wiring, row)
    return row

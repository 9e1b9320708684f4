"""The outbox: a message is written in the transaction that has a reason for it, and leaves by a job.

So no message goes out for something that was rolled back, and no mail server can break or slow a request.
"""

from __future__ import annotations

import re

from service.db import Tx
from service.jobs.queue import JobQueue
from service.kit.ids import new_id
from service.kit.translate import known
from service.notify import repository
from service.notify.models import OutboxMessage
from service.notify.own_text import written
from service.notify.render import one_line
from service.wiring import Wiring

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]+")
SECRET_KINDS = frozenset({"sign_in", "email_change"})
"""Kinds whose text opens an account: never shown on a page, and blanked in the row once they have left."""


def send(
    tx: Tx,
    wiring: Wiring,
    *,
    studio_id: str,
    kind: str,
    recipient: str,
    locale: str,
    delivery_id: str = "",
    reply_to: str = "",
    **values: object,
) -> OutboxMessage:
    """Writes ``notify/templates/<kind>.txt``, filled with ``values`` in ``locale``, or the studio's own words for it, to ``recipient``, and queues it.
    An address that cannot be one fails in the row, not in the request."""
    subject, body = written(tx, studio_id, kind, known(locale), values)
    row = OutboxMessage(
        id=new_id("msg"),
        studio_id=studio_id,
        delivery_id=delivery_id,
        kind=kind,
        recipient=recipient.strip(),
        reply_to=reply_to.strip() if is_address(reply_to) else "",
        locale=known(locale),
        subject=subject,
        body=body,
        created_at=wiring.clock(),
    )
    if is_address(recipient):
        repository.add(tx, row)
        put_in_queue(tx, wiring, row)
    else:
        row.recipient, row.state, row.error = one_line(recipient), "failed", "This is not an e-mail address."
        repository.add(tx, row)
    return row


def put_in_queue(tx: Tx, wiring: Wiring, row: OutboxMessage) -> None:
    """Lets the worker send the row soon. People wait for sign-in links, so those go first."""
    queue: JobQueue = wiring.queue
    payload = {"studio_id": row.studio_id, "message_id": row.id}
    queue.enqueue(tx, "notify.send", payload, priority=20 if row.kind in SECRET_KINDS else 10)


def is_address(text: str) -> bool:
    """Whether ``text`` can stand in a header as one address, of any script. Quoted local parts are not taken."""
    return len(text) <= 254 and text.strip() == one_line(text) and _ADDRESS.fullmatch(text.strip()) is not None

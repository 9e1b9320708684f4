"""Recording a fact: in the transaction that makes it true, chained by hash to the fact before it.

hash = SHA-256 over the canonical JSON of (previous hash, studio, number, time, kind, actor, delivery, data).
The head row carries an HMAC by the server's key, so cutting the end off the log is found as well; the construction
is the hash chain of Schneier and Kelsey (1999) with a keyed head instead of evolving keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from service.audit import repository
from service.audit.models import AuditEvent, AuditHead
from service.db import Tx
from service.wiring import Wiring

GENESIS = "0" * 64
PURPOSE = "audit-head"
SYSTEM = "system"


def record(
    tx: Tx,
    wiring: Wiring,
    studio_id: str,
    kind: str,
    *,
    actor: str,
    delivery_id: str = "",
    data: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Appends ``kind`` (``noun.past_verb``) to the studio's chain. ``actor``: member:<id>, link:<id> or system.
    ``data`` must be JSON and hold no secret.

    The chain's head is locked from here to the end of the transaction: who needs other rows takes them before.
    """
    head = repository.head_for_update(tx, studio_id, GENESIS)
    event = AuditEvent(
        studio_id=studio_id,
        seq=head.seq + 1,
        at=wiring.clock().replace(microsecond=0),
        kind=kind,
        actor=actor,
        delivery_id=delivery_id,
        data=canonical(dict(data or {})),
        previous=head.hash,
    )
    event.hash = digest(event)
    repository.add(tx, event)
    head.seq, head.hash = event.seq, event.hash
    head.mac = wiring.signer.mac(PURPOSE, head_text(head))
    repository.add(tx, head)
    return event


def digest(event: AuditEvent) -> str:
    """The hash of an event, from its columns."""
    parts = [
        event.previous,
        event.studio_id,
        event.seq,
        event.at.isoformat(),
        event.kind,
        event.actor,
        event.delivery_id,
        event.data,
    ]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def head_text(head: AuditHead) -> str:
    """What the head's MAC covers."""
    return canonical([head.studio_id, head.seq, head.hash])


def canonical(value: object) -> str:
    """JSON with one spelling: sorted keys, no spaces, no escapes beyond what JSON needs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

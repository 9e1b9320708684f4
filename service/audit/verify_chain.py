"""Checking the log: finds any edit, deletion, insertion or reorder, and a cut-off end."""

from __future__ import annotations

from dataclasses import dataclass

from service.audit import repository
from service.audit.models import AuditEvent, AuditHead
from service.audit.record import GENESIS, PURPOSE, digest, head_text
from service.db import Tx
from service.kit.tokens import Signer


@dataclass(frozen=True)
class Verdict:
    """How a studio's chain stands: how many events were sound, and the first fault (empty: none)."""

    studio_id: str
    events: int
    fault: str = ""


def verify_chain(tx: Tx, signer: Signer) -> list[Verdict]:
    """One verdict per studio that has events or a head."""
    heads = {head.studio_id: head for head in repository.heads(tx)}
    studios = sorted({*heads, *repository.studios_with_events(tx)})
    return [_verify(tx, signer, studio, heads.get(studio)) for studio in studios]


def _verify(tx: Tx, signer: Signer, studio_id: str, head: AuditHead | None) -> Verdict:
    previous, count = GENESIS, 0
    for event in repository.chain(tx, studio_id):
        fault = _fault(event, previous, count + 1)
        if fault:
            return Verdict(studio_id, count, fault)
        previous, count = event.hash, count + 1
    if head is None:
        return Verdict(studio_id, count, "the head of the chain is missing")
    if not signer.mac_is_ours(PURPOSE, head_text(head), head.mac):
        return Verdict(studio_id, count, "the head of the chain was not written by this installation")
    if (head.seq, head.hash) != (count, previous):
        return Verdict(studio_id, count, f"the chain ends at event {count}, but {head.seq} were written")
    return Verdict(studio_id, count)


def _fault(event: AuditEvent, previous: str, expected: int) -> str:
    if event.seq != expected:
        return f"event {expected} is missing"
    if event.previous != previous:
        return f"event {event.seq} does not follow the one before it"
    if event.hash != digest(event):
        return f"event {event.seq} was changed"
    return ""

"""What the server has said it did, and whether that is so: read from its database and vault behind its back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from service.audit import record
from service.audit.models import AuditEvent, AuditHead
from service.audit.verify_chain import verify_chain
from service.db import Tx
from service.wiring import Wiring
from storage.blobstore import StorageError, measure

OWED = 45000
PART = 22500


@dataclass(frozen=True)
class Sent:
    """A payment that was posted: where to, its own reference; always ``PART`` minor units."""

    delivery_id: str
    ref: str


@dataclass
class Ledger:
    """Acknowledged: answered with 201, and the answer came whole. Several threads may add at once."""

    assets: dict[str, str] = field(default_factory=dict)
    """Asset id to the SHA-256 of what was sent."""
    payments: dict[str, Sent] = field(default_factory=dict)
    """Payment id to what was sent."""
    released: set[str] = field(default_factory=set)
    unanswered: list[Sent] = field(default_factory=list)
    """Payments that may or may not have been recorded when the server died."""
    refusals: list[str] = field(default_factory=list)
    """Answers that no request of this test should get."""

    def so_far(self) -> Ledger:
        """What is acknowledged now, as it stays."""
        return Ledger(deepcopy(self.assets), deepcopy(self.payments), set(self.released))


class Look:
    """Looks at every row, and at the bytes and log events that are new since the last look. ``faults`` says what is
    wrong, in words."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.measured: set[str] = set()
        self._chained: dict[str, tuple[int, str]] = {}

    def faults(self, ledger: Ledger, *, everything: bool = False, whole: bool = False) -> list[str]:
        """``everything`` reads all originals again, not only the new ones; it, or ``whole``, has the database check
        itself, and follows the log from its beginning."""
        if everything:
            self.measured.clear()
        with self.wiring.db.read() as tx:
            return [
                *ledger.refusals,
                *(_unsound(tx) if self.wiring.db.is_sqlite and (everything or whole) else ()),
                *(self._log(tx) if everything or whole else self._new_events(tx)),
                *self._assets(tx, ledger),
                *_payments(tx, ledger),
                *_releases(tx, ledger),
            ]

    def _log(self, tx: Tx) -> Iterator[str]:
        for verdict in verify_chain(tx, self.wiring.signer):
            if verdict.fault:
                yield f"the log of {verdict.studio_id}: {verdict.fault}"

    def _new_events(self, tx: Tx) -> Iterator[str]:
        """The log from where the last look came to, up to its head."""
        for head in tx.scalars(select(AuditHead)):
            seq, last = self._chained.get(head.studio_id, (0, record.GENESIS))
            newer = select(AuditEvent).where(AuditEvent.studio_id == head.studio_id, AuditEvent.seq > seq)
            for event in tx.scalars(newer.order_by(AuditEvent.seq)):
                if (event.seq, event.previous, event.hash) != (seq + 1, last, record.digest(event)):
                    yield f"the log of {head.studio_id}: event {seq + 1} is not what was written"
                    return
                seq, last = event.seq, event.hash
            ours = self.wiring.signer.mac_is_ours(record.PURPOSE, record.head_text(head), head.mac)
            if not ours or (head.seq, head.hash) != (seq, last):
                yield f"the log of {head.studio_id}: its head is {head.seq}, its last event {seq}"
            self._chained[head.studio_id] = (seq, last)

    def _assets(self, tx: Tx, ledger: Ledger) -> Iterator[str]:
        """Every listed asset has its bytes, whole; every acknowledged one is listed and is what was sent."""
        query = (
            "SELECT assets.id, assets.sha256, assets.size, blobs.storage_key, blobs.sha256 AS blob_sha256 "
            "FROM assets JOIN blobs"
        )
        rows = {row["id"]: row for row in _rows(tx, f"{query} ON blobs.id = assets.blob_id")}
        count = tx.scalars(text("SELECT count(*) FROM assets")).one()
        if count != len(rows):
            yield f"{count - len(rows)} assets have no blob"
        for asset_id, digest in ledger.assets.items():
            if asset_id not in rows:
                yield f"{asset_id} was acknowledged and is not there"
            elif rows[asset_id]["sha256"] != digest:
                yield f"{asset_id} is not what was sent"
        for row in rows.values():
            if row["id"] not in self.measured:
                self.measured.add(row["id"])
                yield from self._bytes(row)

    def _bytes(self, row: Mapping[str, Any]) -> Iterator[str]:
        try:
            found = measure(self.wiring.store, row["storage_key"])
        except StorageError as error:
            yield f"{row['id']} is listed but its bytes are not there: {error!r}"
            return
        if (found.size, found.sha256, row["blob_sha256"]) != (row["size"], row["sha256"], row["sha256"]):
            yield f"{row['id']} is listed but half: {found.size} of {row['size']} bytes"


def _rows(tx: Tx, query: str) -> list[Mapping[str, Any]]:
    return [dict(row) for row in tx.execute(text(query)).mappings()]


def _unsound(tx: Tx) -> Iterator[str]:
    """SQLite's own checks; PostgreSQL keeps its references by itself, and a broken page fails the queries after this."""
    for (said,) in tx.execute(text("PRAGMA integrity_check")).all():
        if said != "ok":
            yield f"the database: {said}"
    for row in tx.execute(text("PRAGMA foreign_key_check")).all():
        yield f"the database: a row of {row[0]} refers to nothing"


def _payments(tx: Tx, ledger: Ledger) -> Iterator[str]:
    query = "SELECT id, delivery_id, source_ref, amount_minor FROM payments"
    rows = {row["id"]: row for row in _rows(tx, query)}
    for payment_id, sent in ledger.payments.items():
        row = rows.get(payment_id)
        if row is None:
            yield f"payment {payment_id} was acknowledged and is not there"
        elif (row["delivery_id"], row["source_ref"], row["amount_minor"]) != (sent.delivery_id, sent.ref, PART):
            yield f"payment {payment_id} is not what was sent"
    for ref, times in Counter(row["source_ref"] for row in rows.values()).items():
        if times > 1:
            yield f"{ref} was recorded {times} times"


def _releases(tx: Tx, ledger: Ledger) -> Iterator[str]:
    """A delivery is released exactly when it is paid in full, once: one row, one event, one state."""

    def counted(query: str) -> dict[str, Any]:
        return {row[0]: row[1] for row in tx.execute(text(query))}

    releases = counted("SELECT delivery_id, count(*) FROM releases GROUP BY 1")
    events = counted("SELECT delivery_id, count(*) FROM audit_events WHERE kind = 'release.made' GROUP BY 1")
    paid = counted("SELECT delivery_id, sum(amount_minor) FROM payments GROUP BY 1")
    for delivery_id, state in tx.execute(text("SELECT id, state FROM deliveries")):
        wanted = 1 if paid.get(delivery_id, 0) >= OWED else 0
        found = (releases.get(delivery_id, 0), events.get(delivery_id, 0), int(state == "released"))
        if found != (wanted, wanted, wanted):
            yield f"{delivery_id}: release rows, events, state {found}, paid {paid.get(delivery_id, 0)}"
    for delivery_id in ledger.released:
        if not releases.get(delivery_id):
            yield f"{delivery_id} was said to be released and is not"

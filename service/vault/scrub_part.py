"""The scrub that runs by itself: a part of everything that is stored each day, so that in ``TILLPAID_SCRUB_DAYS`` days
all of it has been read once.

Which part it is follows from the day alone: ids are random, so a part is a range of them and nothing has to be
remembered. The work goes on in slices of some seconds, one job each, so that heavy files in the same thread need not
wait for it. A slice that is done twice finds the same.
"""

from __future__ import annotations

import time

import structlog

from service.jobs.queue import JobQueue, Work
from service.vault import repository
from service.vault.copying import is_sound
from service.vault.doctor import PROBE
from service.vault.repository import Expected
from service.vault.scrub import is_current
from service.wiring import Wiring

SCRUB = "vault.scrub"
SLICE_SECONDS = 20.0
AT_ONCE = 200
BEHIND_ALL = -5
DAY = 24 * 3600
log = structlog.get_logger("scrub")


def scrub_part(work: Work) -> None:
    """Reads one slice of the day's part, keeps what it found, and queues the next slice."""
    wiring: Wiring = work.wiring
    parts = wiring.settings.work.scrub_days
    if not parts:
        with work.finish():
            return
    day = int(work.payload["timestamp"]) // DAY
    verdicts, last = _slice(wiring, day % parts, parts, str(work.payload.get("after", "")))
    with work.finish() as tx:
        repository.keep_verdicts(tx, verdicts, wiring.clock())
        if not last:
            repository.forget_unreferred(tx)
        else:
            queue: JobQueue = wiring.queue
            again = {"timestamp": work.payload["timestamp"], "after": last}
            queue.enqueue(tx, SCRUB, again, priority=BEHIND_ALL)
    for what, fault in verdicts:
        if fault:
            log.error("not what was written", key=what.key, kind=what.kind, fault=fault)


def _slice(wiring: Wiring, part: int, parts: int, after: str) -> tuple[list[tuple[Expected, str]], str]:
    """What was looked at with its fault or "", and the id to go on after; "" when the part is at its end."""
    verdicts: list[tuple[Expected, str]] = []
    until = time.monotonic() + SLICE_SECONDS
    while True:
        with wiring.db.read() as tx:
            found = repository.next_of_part(tx, part, parts, after, limit=AT_ONCE)
        if not found:
            return verdicts, ""
        for row_id, what in found:
            verdicts.append((what, _verdict(wiring, what)))
            if time.monotonic() > until:
                return verdicts, row_id
        after = row_id


def _verdict(wiring: Wiring, what: Expected) -> str:
    """Raises StorageError when it is the whole store that does not answer: that is no fault of the object's."""
    store = wiring.store_of(what.key)
    fault = is_sound(store, what)
    if not fault:
        return ""
    if fault == "unreadable":
        store.exists(PROBE)
    return fault if is_current(wiring, what) else ""

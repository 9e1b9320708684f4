"""The vault's jobs, each once a day: reading a part of what is stored, and freeing what nothing refers to."""

from __future__ import annotations

from datetime import timedelta

import structlog

from service.jobs.queue import Work, periodic
from service.vault.scrub_part import SCRUB, scrub_part
from service.vault.sweep import sweep

SWEEP = "vault.sweep"
log = structlog.get_logger("vault")


@periodic(SCRUB, every=timedelta(days=1), heavy=True)
def scrub(work: Work) -> None:
    """{"timestamp", "after"?}: a slice of the day's part."""
    scrub_part(work)


@periodic(SWEEP, every=timedelta(days=1), heavy=True)
def sweep_storage(work: Work) -> None:
    """What `tillpaid sweep-storage` does, with its grace of 30 days."""
    swept = sweep(work.wiring)
    with work.finish():
        pass
    log.info("storage_swept", freed=swept.freed, orphans=swept.orphans, unfinished=swept.unfinished)

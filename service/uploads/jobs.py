"""The uploads' job."""

from __future__ import annotations

from service.jobs.queue import Work, periodic
from service.uploads.sweep import SWEEP, SWEEP_EVERY, sweep_uploads


@periodic(SWEEP, every=SWEEP_EVERY)
def sweep(work: Work) -> None:
    """Expired uploads are forgotten, complete ones are brought to their end."""
    sweep_uploads(work)

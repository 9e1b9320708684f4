"""The uploads' job."""

from __future__ import annotations

from service.jobs.queue import Work, job
from service.uploads.sweep import SWEEP, sweep_uploads


@job(SWEEP)
def sweep(work: Work) -> None:
    """{}: expired uploads are forgotten, complete ones are brought to their end."""
    sweep_uploads(work)

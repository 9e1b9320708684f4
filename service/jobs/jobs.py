"""The queue's own job: what was done long ago is forgotten."""

from __future__ import annotations

from datetime import timedelta

from service.jobs.queue import JobQueue, Work, periodic

KEEP_DONE = timedelta(days=7)


@periodic("jobs.sweep", every=timedelta(hours=1))
def sweep(work: Work) -> None:
    """Removes jobs that were done more than a week ago; the dead stay for a person to see."""
    queue: JobQueue = work.wiring.queue
    with work.finish():
        pass
    queue.sweep(KEEP_DONE)

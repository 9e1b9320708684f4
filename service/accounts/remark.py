"""Asking for a studio's previews to be marked anew."""

from __future__ import annotations

from service.db import Tx
from service.jobs.queue import JobQueue
from service.wiring import Wiring


def remark(tx: Tx, wiring: Wiring, studio_id: str) -> None:
    """Queues the job that re-marks every preview of the studio from its proofs, in the caller's transaction. From
    the commit on, the old renditions are not served any more: their recipe is not the current one."""
    queue: JobQueue = wiring.queue
    queue.enqueue(tx, "previews.remark_studio", {"studio_id": studio_id}, key=f"remark:{studio_id}")

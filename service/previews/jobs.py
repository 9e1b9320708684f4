"""The previews' jobs."""

from __future__ import annotations

from service.jobs.queue import Work, job
from service.previews.ingest import ingest
from service.previews.remark import remark, remark_studio


@job("previews.ingest")
def ingest_job(work: Work) -> None:
    """Original to proofs and renditions."""
    ingest(work, str(work.payload["asset_id"]))


@job("previews.remark")
def remark_job(work: Work) -> None:
    """One asset marked anew."""
    remark(work, str(work.payload["asset_id"]))


@job("previews.remark_studio")
def remark_studio_job(work: Work) -> None:
    """All of a studio's assets marked anew."""
    remark_studio(work, str(work.payload["studio_id"]))

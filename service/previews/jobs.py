"""The previews' jobs."""

from __future__ import annotations

from service.deliveries.add_asset import INGEST
from service.jobs.queue import Work, job
from service.previews.ingest import REMARK, ingest
from service.previews.remark import remark, remark_many


@job(INGEST)
def ingest_asset(work: Work) -> None:
    """{"asset_id"}: an original becomes proofs and marked renditions, a card, or a failure with its reason."""
    ingest(work)


@job(REMARK)
def remark_asset(work: Work) -> None:
    """{"asset_id"}: its proofs are marked by the recipe in force."""
    remark(work)


@job("previews.remark_studio")
def remark_studio(work: Work) -> None:
    """{"studio_id", "delivery_id"?}: all of them, one job each."""
    remark_many(work)

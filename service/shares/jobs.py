"""The links' jobs: their pictures, made ahead and dropped."""

from __future__ import annotations

from service.jobs.queue import Work, job, periodic
from service.previews.ingest import MAKE_AHEAD
from service.shares import drop_pictures as dropping
from service.shares import make_ahead as making


@job(MAKE_AHEAD)
def make_ahead(work: Work) -> None:
    """{"asset_id"}: the pictures that its living links lack."""
    making.make_ahead(work)


@job(making.FOR_LINK)
def make_ahead_for_link(work: Work) -> None:
    """{"link_id", "offset"?}: a job for each asset of the link."""
    making.make_ahead_for_link(work)


@job(dropping.OF_LINK)
def drop_pictures(work: Work) -> None:
    """{"link_id"}: the pictures of a link that is dead or was not opened for long."""
    dropping.drop_pictures(work)


@periodic(dropping.TIDY, every=dropping.TIDY_EVERY)
def tidy_pictures(work: Work) -> None:
    """Once a day, looks which links' pictures may go."""
    dropping.tidy_pictures(work)

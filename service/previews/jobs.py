"""The previews' jobs."""

from __future__ import annotations

from service.deliveries.add_asset import INGEST
from service.deliveries.delete import FORGET_MANY
from service.deliveries.edit import REMARK_MANY
from service.deliveries.remove_asset import FORGET
from service.jobs.queue import Work, job
from service.previews.ask_for_pages import PAGES
from service.previews.forget import forget_many, forget_pictures
from service.previews.ingest import INGEST_HEAVY, REMARK, ingest
from service.previews.more_pages import more_pages
from service.previews.remark import REMARK_CLIP, remark, remark_many
from service.previews.remark_clip import remark_clip


@job(INGEST)
def ingest_asset(work: Work) -> None:
    """{"asset_id"}: an original becomes proofs and marked renditions, a card, or a failure with its reason."""
    ingest(work, heavy=False)


@job(INGEST_HEAVY, heavy=True)
def ingest_heavy_asset(work: Work) -> None:
    """{"asset_id"}: the same for a file that takes long: camera raw, films, office documents, anything huge."""
    ingest(work, heavy=True)


@job(PAGES)
def make_pages(work: Work) -> None:
    """{"asset_id", "first", "last"}: later pages of a document."""
    more_pages(work)


@job(REMARK)
def remark_asset(work: Work) -> None:
    """{"asset_id"}: its proofs are marked by the recipe in force."""
    remark(work)


@job(REMARK_CLIP, heavy=True)
def remark_asset_clip(work: Work) -> None:
    """{"asset_id"}: its kept clip is marked by the recipe in force."""
    remark_clip(work)


@job(REMARK_MANY)
def remark_studio(work: Work) -> None:
    """{"studio_id", "delivery_id"?}: all of them, one job each."""
    remark_many(work)


@job(FORGET)
def forget_asset(work: Work) -> None:
    """{"asset_id"}: the pictures of a removed asset are deleted."""
    forget_pictures(work)


@job(FORGET_MANY)
def forget_delivery(work: Work) -> None:
    """{"delivery_id"}: the pictures of all that is out of it, one job each."""
    forget_many(work)

"""What clients said, on the share page, on the page of one preview, and on the studio's delivery page."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import ColumnElement

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset, Delivery
from service.feedback import repository
from service.feedback.models import Answer, Comment
from service.feedback.moments import PATTERN, shown_moment
from service.feedback.spots import AREAS
from service.kit.translate import N_, _
from service.shares import repository as shares
from service.shares.address import path_of, token_of
from service.shares.models import ShareLink
from service.web.boundary import wiring_of
from service.web.panels import Panel, asset_filter, delivery_panel, share_panel, view_panel
from service.wiring import Wiring

LISTED = 100
_SHOWN = {"held", "released"}


@dataclass(frozen=True)
class Marked:
    """What was said of one asset. ``said``: "" | approved | changes."""

    said: str = ""
    comments: int = 0
    chosen: bool = False


@share_panel
def feedback_of_link(tx: Tx, _request: Request, delivery: Delivery, _link: ShareLink) -> Panel | None:
    """The answer about everything, and marks for the tiles."""
    answers, chosen = repository.answers_of(tx, delivery.id), repository.favourites_of(tx, delivery.id)
    selection = repository.selection_of(tx, delivery.id)
    data = {
        "answer": answers.get(""),
        "outdated": _outdated(tx, delivery, answers.get("")),
        "by_asset": _marks(answers, repository.comment_counts(tx, delivery.id), chosen),
        "selection": selection,
        "chosen": len(chosen),
    }
    return Panel("feedback/share_panel.html", 15, data)


def _outdated(tx: Tx, delivery: Delivery, answer: Answer | None) -> bool:
    """Whether a new version came after the answer about everything: it was not about that one."""
    newest = deliveries.newest_version_at(tx, delivery.id) if answer else None
    return answer is not None and newest is not None and answer.at < newest


def _marks(answers: dict[str, Answer], comments: dict[str, int], chosen: list[Asset]) -> dict[str, Marked]:
    ids = answers.keys() | comments.keys() | {asset.id for asset in chosen}
    favourites = {asset.id for asset in chosen}
    return {
        asset_id: Marked(
            answers[asset_id].said if asset_id in answers else "", comments.get(asset_id, 0), asset_id in favourites
        )
        for asset_id in ids
    }


@view_panel
def feedback_on_page(tx: Tx, _request: Request, delivery: Delivery, _link: ShareLink, asset: Asset, page: int) -> Panel:
    """The comments on this page of this asset, its answer, and the forms."""
    comments = repository.comments_on(tx, delivery.id, asset.id, page)
    selection = repository.selection_of(tx, delivery.id)
    data = {
        "comments": comments,
        "moments": _moments(comments),
        "moment_pattern": PATTERN,
        "pins": [(number, row.spot_x, row.spot_y) for number, row in enumerate(comments, 1) if row.spot_x is not None],
        "answer": repository.answers_of(tx, delivery.id).get(asset.id),
        "selection": selection,
        "chosen": repository.favourite_of(tx, delivery.id, asset.id) is not None,
        "areas": [("", _("The whole picture")), *((code, _(words)) for code, words in AREAS.items())],
        "asset": asset.id,
        "page": page,
    }
    return Panel("feedback/view_panel.html", 10, data)


def _moments(comments: list[Comment]) -> dict[str, str]:
    """The moments that comments are pinned to, in words, by the comment's id."""
    return {row.id: shown_moment(row.moment_ms) for row in comments if row.moment_ms is not None}


@delivery_panel
def feedback_of_delivery(tx: Tx, request: Request, delivery: Delivery) -> Panel | None:
    """What the client said, the newest first, and how many may be chosen."""
    if delivery.state == "draft":
        return None
    answers = repository.answers_of(tx, delivery.id)
    names = repository.answered_names(tx, delivery.id, answers)
    comments = repository.newest_comments(tx, delivery.id, LISTED)
    data = {
        "outdated": _outdated(tx, delivery, answers.get("")),
        "answer": answers.pop("", None),
        "approved": [names[a] for a, row in answers.items() if row.said == "approved" and a in names],
        "changes": [(names[a], row) for a, row in answers.items() if row.said == "changes" and a in names],
        "comments": comments,
        "moments": _moments([row for row, _asset in comments]),
        "places": _places(tx, wiring_of(request), delivery, comments),
        "selection": repository.selection_of(tx, delivery.id),
        "chosen": [asset.filename for asset in repository.favourites_of(tx, delivery.id)],
    }
    return Panel("feedback/delivery_panel.html", 15, data)


def _places(tx: Tx, wiring: Wiring, delivery: Delivery, comments: list[tuple[Comment, Asset]]) -> dict[str, str]:
    """Where the studio sees what each comment points at, by the comment's id: the preview as its client has it, while a link
    lives and the asset is in the delivery."""
    links = shares.live_links_of(tx, delivery.id, wiring.clock()) if comments and delivery.state in _SHOWN else []
    if not links:
        return {}
    path = path_of(token_of(wiring, links[0]))
    seen = [(row, asset) for row, asset in comments if asset.state == "ready" and asset.removed_at is None]
    return {row.id: f"{path}/view/{asset.id}/{row.page}#comments" for row, asset in seen}


@asset_filter("commented", N_("Commented"))
def commented(delivery_id: str) -> ColumnElement[bool]:
    return repository.has_comment(delivery_id)


@asset_filter("approved", N_("Approved"))
def approved(delivery_id: str) -> ColumnElement[bool]:
    return repository.was_answered(delivery_id, "approved")


@asset_filter("changes", N_("Changes asked for"))
def changes(delivery_id: str) -> ColumnElement[bool]:
    return repository.was_answered(delivery_id, "changes")

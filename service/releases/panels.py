"""What releases show on the delivery page and on the share page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request

from service.accounts import repository as accounts
from service.accounts.models import Studio
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.releases import repository
from service.releases.models import Release
from service.shares.models import ShareLink
from service.web.panels import Panel, delivery_panel, share_panel

LISTED = 60
"""Originals listed one by one on a share page; the ZIP holds all of them."""


@delivery_panel
def downloads_of_delivery(tx: Tx, _request: Request, delivery: Delivery) -> Panel | None:
    """Who may download, how often they did, and the buttons to release or take back."""
    if delivery.state == "withdrawn":
        return None
    data = {
        "grants": repository.grants_of(tx, delivery.id),
        "whole": repository.release_in_force(tx, delivery.id, lock=False),
        "parts": repository.parts_in_force(tx, delivery.id, lock=False),
    }
    return Panel("releases/delivery_panel.html", 30, data)


@share_panel
def downloads_of_link(tx: Tx, _request: Request, delivery: Delivery, _link: ShareLink) -> Panel | None:
    """The downloads, once released: of everything, or of what single instalments have opened."""
    in_force = repository.release_in_force(tx, delivery.id, lock=False) if delivery.state == "released" else None
    opened = [(in_force, 0)] if in_force else []
    if not opened:
        parts = repository.parts_in_force(tx, delivery.id, lock=False)
        opened = [(release, instalment.position) for release, instalment in parts]
    if not opened:
        return None
    studio = accounts.studio(tx, delivery.studio_id)
    data = {"groups": [_group(tx, release, number, studio) for release, number in opened], "zone": studio.timezone}
    return Panel("releases/share_panel.html", 20 if in_force else 5, data)


def _group(tx: Tx, release: Release, number: int, studio: Studio) -> dict[str, Any]:
    """What one release opens; ``number`` is its instalment's, 0 for everything."""
    part = release.instalment_id or None
    return {
        "number": number,
        "instalment": release.instalment_id,
        "until": release.at + timedelta(days=studio.download_days),
        "assets": deliveries.assets_of(tx, release.delivery_id, limit=LISTED, opened_by=part),
        "counts": deliveries.count_assets(tx, release.delivery_id, opened_by=part),
    }

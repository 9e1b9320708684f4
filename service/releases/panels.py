"""What releases show on the delivery page and on the share page."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Delivery
from service.releases import repository
from service.shares.models import ShareLink
from service.web.panels import Panel, delivery_panel, share_panel

LISTED = 60
"""Originals listed one by one on a share page; the ZIP holds all of them."""


@delivery_panel
def downloads_of_delivery(tx: Tx, _request: Request, delivery: Delivery) -> Panel | None:
    """Who may download, how often they did, and the buttons to release or take back."""
    if delivery.state == "withdrawn":
        return None
    grants = repository.grants_of(tx, delivery.id)
    past = repository.releases_of(tx, delivery.id)
    return Panel("releases/delivery_panel.html", 30, {"grants": grants, "releases": past})


@share_panel
def downloads_of_link(tx: Tx, _request: Request, delivery: Delivery, _link: ShareLink) -> Panel | None:
    """The downloads, once released."""
    in_force = repository.release_in_force(tx, delivery.id, lock=False) if delivery.state == "released" else None
    if in_force is None:
        return None
    studio = accounts.studio(tx, delivery.studio_id)
    data = {
        "until": in_force.at + timedelta(days=studio.download_days),
        "assets": deliveries.assets_of(tx, delivery.id, limit=LISTED),
        "counts": deliveries.count_assets(tx, delivery.id),
        "zone": studio.timezone,
    }
    return Panel("releases/share_panel.html", 20, data)

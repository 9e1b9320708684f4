"""A click on "Download": a grant for this link and asset, and a short-lived token that points to it."""

from __future__ import annotations

from datetime import timedelta

from service.accounts.models import Studio
from service.db import Tx
from service.deliveries.models import Delivery
from service.errors import Gone, NotFound
from service.kit.ids import new_id
from service.kit.translate import N_
from service.releases import repository
from service.releases.models import Grant, Release
from service.shares.models import ShareLink
from service.wiring import Wiring

PURPOSE = "download"
TOKEN_LIFE = timedelta(hours=6)
"""Long enough for a slow line to fetch a large original in one go; a click makes a new one at any time."""


def issue_grant(
    tx: Tx,
    wiring: Wiring,
    *,
    delivery: Delivery,
    studio: Studio,
    link: ShareLink,
    asset_id: str = "",
    instalment_id: str = "",
) -> str:
    """The download token for ``asset_id`` ("" is everything as a ZIP, or with ``instalment_id`` all that this one opened)
    through ``link``.

    Raises NotFound, the same for every asset, while it is held; Gone when this link's downloads have
    run out of time or number. The grant is made at the first click and found again at later ones.
    """
    in_force = _opening(tx, delivery, asset_id, instalment_id)
    if in_force is None:
        raise NotFound(N_("The originals are held until payment."), code="held_until_payment")
    grant = repository.grant_for(tx, in_force.id, link.id, asset_id)
    if grant is None:
        grant = Grant(
            id=new_id("grt"),
            release_id=in_force.id,
            delivery_id=delivery.id,
            link_id=link.id,
            asset_id=asset_id,
            created_at=wiring.clock(),
            expires_at=in_force.at + timedelta(days=studio.download_days),
            max_uses=studio.download_count,
        )
        repository.add(tx, grant)
    check_grant(grant, wiring)
    expires = min(wiring.clock() + TOKEN_LIFE, grant.expires_at)
    return wiring.signer.sign(PURPOSE, [grant.id, int(expires.timestamp())])


def _opening(tx: Tx, delivery: Delivery, asset_id: str, instalment_id: str) -> Release | None:
    """The release in force that lets have what is asked for: that of everything first."""
    whole = repository.release_in_force(tx, delivery.id) if delivery.state == "released" else None
    if whole is not None and not instalment_id:
        if not repository.originals_of(tx, whole, asset_id):
            raise NotFound
        return whole
    for release, instalment in repository.parts_in_force(tx, delivery.id):
        asked = instalment.id == instalment_id if instalment_id else bool(asset_id)
        if asked and repository.originals_of(tx, release, asset_id):
            return release
    return None


def check_grant(grant: Grant, wiring: Wiring) -> None:
    """Raises NotFound for a revoked grant, Gone for one that ran out of time or number."""
    if grant.revoked_at is not None:
        raise NotFound(N_("This download was stopped by the studio."), code="download_stopped")
    if wiring.clock() >= grant.expires_at:
        raise Gone(N_("The time for downloading is over. Please ask the studio to open it again."), code="expired")
    if grant.uses >= grant.max_uses:
        raise Gone(
            N_("This was downloaded as often as agreed. Please ask the studio to open it again."), code="used_up"
        )

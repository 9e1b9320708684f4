"""What a licence rests on: who accepted the terms, and which originals are released."""

from __future__ import annotations

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset, Delivery
from service.shares import repository as shares
from service.shares.models import ShareLink, TermsAcceptance
from service.shares.terms_hash import terms_sha256


def accepted_through(tx: Tx, link: ShareLink, delivery: Delivery, *, own: bool) -> TermsAcceptance | None:
    """The acceptance of the present terms through this link; the studio, which accepts nothing itself, sees the first."""
    if not delivery.ask_terms:
        return None
    if own:
        return next(iter(shares.acceptances_of(tx, delivery.id)), None)
    return shares.acceptance_of(tx, link, terms_sha256(delivery.terms_text))


def released_assets(tx: Tx, delivery: Delivery) -> list[Asset]:
    """The assets whose originals the client may have now, in order."""
    if delivery.state == "released":
        return deliveries.assets_of(tx, delivery.id)
    opened = deliveries.opened_by_instalments(tx, delivery.id)
    return [asset for asset in deliveries.assets_of(tx, delivery.id) if asset.instalment_id in opened] if opened else []

"""The key that an asset's visible mark is drawn by."""

from __future__ import annotations

from service.deliveries.models import Asset
from service.wiring import Wiring


def mark_key(wiring: Wiring, asset: Asset) -> bytes:
    """HMAC of the server's secret and the id of the asset's first version: every link and version sees the same mark, for
    differing marks could be averaged away. The secret is the one the asset was added under, also after keys were rotated."""
    return wiring.signer.derive("visible-mark", asset.marked_as, fingerprint=asset.mark_key_id)

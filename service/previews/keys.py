"""Where proofs and renditions lie in the store, and the key that an asset's visible mark is drawn by."""

from __future__ import annotations

from service.deliveries.models import Asset
from service.wiring import Wiring


def proof_key(asset_id: str, page: int) -> str:
    return f"proofs/{asset_id}/{page}"


def rendition_key(asset_id: str, page: int, size: int, digest: str) -> str:
    return f"renditions/{asset_id}/{page}/{size}-{digest[:32]}"


def mark_key(wiring: Wiring, asset: Asset) -> bytes:
    """HMAC of the server's secret and the asset's id: every link sees the same mark, for differing marks could be
    averaged away. The secret is the one the asset was added under, also after keys were rotated."""
    return wiring.signer.derive("visible-mark", asset.marked_as, fingerprint=asset.mark_key_id)

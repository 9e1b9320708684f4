"""What an asset is, by its media type, which was told from its content."""

from __future__ import annotations

from service.deliveries.models import Asset


def is_film(asset: Asset) -> bool:
    """Whether its pictures are stills of a film, and no pages."""
    return asset.media_type.startswith("video/") or asset.media_type == "application/mxf"


def has_clip(asset: Asset) -> bool:
    """Whether there is, or may soon be again, a clip to be played."""
    plays = is_film(asset) or asset.media_type.startswith("audio/")
    return plays and asset.state == "ready" and "no_clip" not in asset.notes.split(",")

"""What comes out of an ingest: one header, then the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["picture", "document", "card"]
ProofType = Literal["image/jpeg", "image/png"]


NOTES: Final[dict[str, str]] = {
    "name_mismatch": "The file is of another kind than its name says.",
    "animated": "The preview shows the first picture of an animation.",
    "pages_left_out": "The document is longer than the preview.",
    "profile_unusable": "The picture's colour profile could not be used.",
    "cmyk_without_profile": "The picture is CMYK without a profile: its colours in the preview are approximate.",
    "tones_scaled": "The picture's tones were scaled to be shown.",
}


@dataclass(frozen=True)
class Header:
    """What the file is. Comes before any page, and only once its first page could be decoded.

    `media_type` is told from the content. `width` and `height` are the original's pixels as shown (after EXIF
    rotation), None for documents and cards. `reason` is an error code, for cards only; a card has no pages to follow.
    `notes` are codes worth telling the studio: see `NOTES`.
    """

    kind: Kind
    media_type: str
    page_count: int
    width: int | None = None
    height: int | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page: the clean proof, private, and the marked renditions.

    `number` counts from 1. `width` and `height` are the proof's pixels. `renditions` maps 2048, 960 and 480 to a JPEG
    whose long side is at most that; 2048 is the marked master. `digest` is the recipe's. `reason` is an error code if
    this page of a longer document could not be decoded and a grey sheet stands in for it, else None.
    """

    number: int
    width: int
    height: int
    proof: bytes
    proof_type: ProofType
    renditions: dict[int, bytes]
    digest: str
    reason: str | None = None

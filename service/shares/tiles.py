"""What a share page shows of each asset: pictures with their addresses, or a card, or that it is being prepared.

While the originals are held, a picture tells nothing of its original but its place in the delivery: no name, no
byte size, no hash. A card, which has no picture to know it by, is known by name, type, size and SHA-256. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.deliveries.media import is_film
from service.deliveries.models import Asset
from service.previews.models import KeptClip, Proof

SIZES = (480, 960, 2048)
_STEP = 20  # ratios are told to the style sheet in twentieths, from .r8 (2:5) to .r60 (3:1)


@dataclass(frozen=True)
class Picture:
    """One page of an asset. ``width`` and ``height`` are of the largest rendition, in px. ``blur`` is a ThumbHash to draw until
    the picture is there, or empty."""

    page: int
    width: int
    height: int
    renditions: dict[int, str]
    view: str
    blur: str = ""

    @property
    def srcset(self) -> str:
        """Addresses with their widths, as ``srcset`` wants them; sizes that are no wider are left out."""
        by_width = {self._width_at(size): self.renditions[size] for size in reversed(SIZES)}
        return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))

    @property
    def small_srcset(self) -> str:
        """The two sizes for a grid."""
        by_width = {self._width_at(size): self.renditions[size] for size in (960, 480)}
        return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))

    @property
    def ratio_class(self) -> str:
        """The style sheet's class for this shape, so that its room is there before the picture is."""
        return f"r{min(60, max(8, round(_STEP * self.width / self.height)))}"

    def _width_at(self, size: int) -> int:
        scale = min(1.0, size / max(self.width, self.height))
        return max(1, round(self.width * scale))


@dataclass(frozen=True)
class PlayedClip:
    """The marked clip of a film or a sound: the address that plays it, and how long it is."""

    kind: str
    url: str
    media_type: str
    seconds: float


@dataclass(frozen=True)
class Tile:
    """One asset on the page. ``number`` is its place, from 1. ``pdf`` is the address of a document's marked pages, ``clip``
    what there is to play. ``name``, ``size`` (bytes) and ``sha256`` are None
    where they may not be told."""

    asset_id: str
    number: int
    kind: Literal["picture", "card", "waiting", "failed"]
    pictures: list[Picture]
    page_count: int
    pdf: str | None
    clip: PlayedClip | None
    name: str | None
    type: str | None
    size: int | None
    sha256: str | None
    released: bool = False
    version: int = 1


def tiles_of(
    assets: Sequence[Asset],
    proofs: Mapping[str, Sequence[Proof]],
    *,
    path: str,
    first: int,
    released: bool,
    clips: Mapping[str, KeptClip] | None = None,
    opened_by: Collection[str] = (),
    hide_names: bool = False,
    digest: str = "",
) -> list[Tile]:
    """The tiles of ``assets``, the first of which has the number ``first``; ``path`` is the share page's. Released are all
    of them, or those that the instalments in ``opened_by`` open. ``hide_names``: a card has none either before that.
    ``clips`` are those that may be played; ``digest`` is of the recipe in force: nothing is shown that another one marked."""
    return [
        _tile(
            asset,
            list(proofs.get(asset.id, ())),
            (clips or {}).get(asset.id),
            path,
            first + place,
            released or asset.instalment_id in opened_by,
            hide_names,
            digest,
        )
        for place, asset in enumerate(assets)
    ]


def _tile(
    asset: Asset,
    proofs: list[Proof],
    clip: KeptClip | None,
    path: str,
    number: int,
    released: bool,
    hide_names: bool,
    digest: str,
) -> Tile:
    kind = _kind(asset, proofs)
    told = released or kind == "card"
    return Tile(
        released=released,
        version=asset.version,
        asset_id=asset.id,
        number=number,
        kind=kind,
        pictures=[picture_of(asset.id, proof, path, digest) for proof in proofs] if kind == "picture" else [],
        page_count=asset.page_count if kind == "picture" and is_document(asset) else 0,
        pdf=f"{path}/previews/{asset.id}/pdf" if kind == "picture" and is_document(asset) else None,
        clip=played_clip(clip, asset.id, path) if clip is not None and kind == "picture" else None,
        name=asset.filename if released or (told and not hide_names) else None,
        type=type_of(asset) if told else None,
        size=asset.size if told else None,
        sha256=asset.sha256 if told else None,
    )


def played_clip(clip: KeptClip, asset_id: str, path: str) -> PlayedClip:
    """The clip with the address under ``path`` that plays it."""
    return PlayedClip(clip.kind, f"{path}/previews/{asset_id}/clip", clip.media_type, clip.milliseconds / 1000)


def is_document(asset: Asset) -> bool:
    """Whether it has pages, which can be had as one PDF; an animation's second picture is no page, nor is a
    film's."""
    paged = asset.page_count > 1 or asset.media_type == "application/pdf"
    return asset.state == "ready" and paged and not is_film(asset) and "animated" not in asset.notes.split(",")


def _kind(asset: Asset, proofs: list[Proof]) -> Literal["picture", "card", "waiting", "failed"]:
    if asset.state == "ready" and proofs:
        return "picture"
    if asset.state == "card":
        return "card"
    return "failed" if asset.state == "failed" else "waiting"


def picture_of(asset_id: str, proof: Proof, path: str, digest: str = "") -> Picture:
    """One page with the addresses under ``path`` that show it."""
    blur = proof.blur if digest and proof.recipe_digest == digest else ""
    urls = {size: f"{path}/previews/{asset_id}/{proof.page}/{size}" for size in SIZES}
    return Picture(proof.page, proof.width, proof.height, urls, f"{path}/view/{asset_id}/{proof.page}", blur)


def type_of(asset: Asset) -> str:
    """The type as people say it: the name's ending, or the media type when there is none."""
    _stem, dot, ending = asset.filename.rpartition(".")
    return ending.upper() if dot and ending.isalnum() and len(ending) <= 8 else asset.media_type

"""Serving one rendition: the only place from which a picture leaves, and it is always a marked one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from service.db import Tx
from service.errors import NotFound
from service.previews import repository
from service.previews.placeholder import placeholder
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import NotFound as NotStored
from watermark import SIZES

PURPOSE = "preview-etag"


class Viewer(Protocol):
    """Through what a picture is asked for: a share link, or the studio itself with an empty id."""

    @property
    def id(self) -> str: ...
    @property
    def delivery_id(self) -> str: ...


@dataclass(frozen=True)
class StudioView:
    """The studio looking at its own delivery, as the client sees it."""

    delivery_id: str
    id: str = ""


@dataclass(frozen=True)
class RenderedPicture:
    """A picture to send. ``etag`` is quoted, differs by link, and tells nothing of the original."""

    bytes: bytes
    etag: str
    media_type: str = "image/jpeg"
    placeholder: bool = False


def rendition_for(tx: Tx, wiring: Wiring, link: Viewer, asset_id: str, page: int, size: int) -> RenderedPicture:
    """The marked picture of ``page`` (from 1) with a long side of at most ``size`` px: 480, 960 or 2048.

    Only bytes that were made with the mark by the recipe in force at this moment are served: whatever is missing,
    older or failed gives a placeholder card. Raises NotFound for an asset that is not in the link's delivery, and a
    page or a size that there is not.
    """
    asset, delivery, studio = repository.place_of(tx, link.delivery_id, asset_id)
    if size not in SIZES:
        raise NotFound
    digest = recipe_for(studio, delivery).digest()
    row = None
    if asset.state == "ready":
        row = repository.rendition_of(tx, link.delivery_id, asset_id, page, size, digest)
    marked = _read(wiring, row.storage_key) if row else None
    if marked is None:
        if page != 1 and not repository.has_page(tx, link.delivery_id, asset_id, page):
            raise NotFound
        return RenderedPicture(placeholder(), _etag(wiring, "none"), "image/png", placeholder=True)
    # The forensic mark goes on here: watermark.forensic on the marked picture with a payload that names link.id,
    # made on the link's first request and kept by (asset, page, link, size, digest) in Rendition.link_id.
    return RenderedPicture(marked, _etag(wiring, link.id, asset_id, page, size, digest))


def _read(wiring: Wiring, key: str) -> bytes | None:
    """The bytes kept under ``key``; None when a re-mark has just replaced them."""
    try:
        with wiring.store.open(key) as reader:
            return reader.read()
    except NotStored:
        return None


def _etag(wiring: Wiring, *parts: object) -> str:
    return f'"{wiring.signer.mac(PURPOSE, " ".join(map(str, parts)))[:32]}"'

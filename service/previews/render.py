"""A rendition for one share link: the only way preview bytes leave the store.

It serves what the mark made under the studio's current recipe, nothing else: after a change of recipe the old
pictures are dead at once and a placeholder stands in until the page is marked anew. The forensic mark, which names
the link, belongs here, between reading the marked picture and answering (``Rendition.link_id`` keeps its place).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from service.db import Tx
from service.deliveries import repository as deliveries
from service.deliveries.models import Asset
from service.errors import NotFound
from service.previews import repository
from service.previews.placeholder import PLACEHOLDER
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from storage.blobstore import NotFound as NothingStored

SIZES = (480, 960, 2048)
WAITING = {"queued", "rendering", "ready"}


class Viewer(Protocol):
    """Whom a rendition is for: a share link, or the studio looking at its own delivery."""

    @property
    def id(self) -> str: ...
    @property
    def delivery_id(self) -> str: ...


@dataclass(frozen=True)
class RenderedPicture:
    """Bytes ready to be sent. ``etag`` is quoted, differs by link and tells nothing of the original."""

    bytes: bytes
    etag: str
    media_type: str = "image/jpeg"


def rendition_for(tx: Tx, wiring: Wiring, viewer: Viewer, asset_id: str, page: int, size: int) -> RenderedPicture:
    """The marked picture of ``page`` (from 1) whose long side is at most ``size`` px (480, 960 or 2048).

    Raises NotFound for another size, an asset of another delivery, a card or a page there is not. A picture that is
    not made yet, or cannot be read, is a placeholder; never the original.
    """
    if size not in SIZES:
        raise NotFound
    asset = deliveries.asset_of(tx, viewer.delivery_id, asset_id)
    studio, delivery = repository.owners_of(tx, viewer.delivery_id)
    digest = recipe_for(studio, delivery).digest()
    row = repository.rendition_of(tx, viewer.delivery_id, asset.id, page, size, digest)
    if row is None:
        return _placeholder(tx, asset, page)
    try:
        with wiring.store.open(row.storage_key) as reader:
            content = reader.read()
    except NothingStored:
        return PLACEHOLDER_PICTURE
    return RenderedPicture(content, _etag(viewer.id, row.id))


def _placeholder(tx: Tx, asset: Asset, page: int) -> RenderedPicture:
    """For a page that will have a picture soon; NotFound for one that will not."""
    pages = repository.pages_of(tx, [asset.id]).get(asset.id, [])
    is_coming = page == 1 if not pages else any(proof.page == page for proof in pages)
    if asset.state not in WAITING or not is_coming:
        raise NotFound
    return PLACEHOLDER_PICTURE


def _etag(viewer_id: str, rendition_id: str) -> str:
    return f'"{hashlib.sha256(f"{viewer_id}|{rendition_id}".encode()).hexdigest()[:24]}"'


PLACEHOLDER_PICTURE = RenderedPicture(PLACEHOLDER, '"placeholder"', "image/png")

"""Which picture is served for an address: only ever one with the visible mark, and through a link only that link's own.

The studio sees marked masters. A share link gets a rendition of its own, made from the master of that size on first
request (``imprint.py``), kept by (asset, page, link, size, recipe, key), and known by a validator of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from service.db import Tx
from service.deliveries.models import Asset
from service.errors import NotFound
from service.previews import repository
from service.previews.models import Rendition
from service.previews.recipe_for import recipe_for
from service.wiring import Wiring
from watermark import SIZES

PURPOSE = "preview-etag"


class Viewer(Protocol):
    """Through what a picture is asked for: a share link, or the studio itself with an empty id and no trace id."""

    @property
    def id(self) -> str: ...
    @property
    def delivery_id(self) -> str: ...
    @property
    def trace_id(self) -> int | None:
        """What the forensic mark says: 48 bits; None for a picture that carries none."""


@dataclass(frozen=True)
class StudioView:
    """The studio looking at its own delivery, as the client sees it. What it saves itself names no link: nobody else
    shall be blamed for it."""

    delivery_id: str
    id: str = ""
    trace_id: int | None = None


@dataclass(frozen=True)
class Ask:
    """One picture that was asked for, and may be seen: ``viewer`` is through what."""

    viewer: Viewer
    asset_id: str
    page: int
    size: int


@dataclass(frozen=True)
class Found:
    """What there is for an ``Ask``. ``etag`` is quoted, differs by link, and tells nothing of the original.

    ``master`` None: there is no marked picture (not yet, no more, or never): a placeholder is shown. ``rendition`` is what
    is sent; None while it has to be made from the master first. ``lacking``: the asset that this page of was never made.
    """

    ask: Ask
    etag: str
    master: Rendition | None = None
    rendition: Rendition | None = None
    lacking: Asset | None = None


def find_rendition(tx: Tx, wiring: Wiring, ask: Ask) -> Found:
    """The marked picture of ``ask.page`` (from 1) with a long side of at most ``ask.size`` px: 480, 960 or 2048.

    Only what was made with the mark by the recipe in force at this moment counts. Raises NotFound for an asset that is
    not in the viewer's delivery, and a page or a size that there is not.
    """
    viewer = ask.viewer
    asset, delivery, studio = repository.place_of(tx, viewer.delivery_id, ask.asset_id)
    if ask.size not in SIZES:
        raise NotFound
    digest = recipe_for(studio, delivery).digest()
    place = (viewer.delivery_id, ask.asset_id, ask.page, ask.size, digest)
    master, own = repository.master_and_own(tx, *place, viewer.id) if asset.state == "ready" else (None, None)
    if master is None:
        there = ask.page == 1 or repository.has_page(tx, viewer.delivery_id, ask.asset_id, ask.page)
        if not there and ask.page > asset.pages_shown:
            raise NotFound
        return Found(ask, _etag(wiring, "none"), lacking=None if there else asset)
    etag = _etag(wiring, viewer.id, ask.asset_id, ask.page, ask.size, digest)
    if viewer.trace_id is None:
        return Found(ask, etag, master, master)
    fresh = own is not None and own.trace_key_id == wiring.signer.current_fingerprint
    return Found(ask, etag, master, own if fresh else None)


def _etag(wiring: Wiring, *parts: object) -> str:
    return f'"{wiring.signer.mac(PURPOSE, " ".join(map(str, parts)))[:32]}"'

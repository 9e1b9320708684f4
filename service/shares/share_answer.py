"""A share link as programs read it."""

from __future__ import annotations

from service.deliveries.models import Invoice
from service.kit.money import Money
from service.shares.open_link import OpenedLink
from service.shares.tiles import Tile


def share_answer(
    opened: OpenedLink, invoice: Invoice, tiles: list[Tile], *, path: str, total: int, next_page: str | None
) -> dict[str, object]:
    """``amount`` is in major units as text. ``assets`` is a window of ``total``; ``next`` is the address of the next
    one. ``downloads`` is None until originals are released, and its ``all`` until all are; its addresses take a POST."""
    released = opened.delivery.state == "released"
    open_ones = [tile for tile in tiles if tile.released]
    return {
        "state": opened.delivery.state,
        "title": opened.delivery.title,
        "studio": opened.studio.name,
        "amount": Money(invoice.amount_minor, invoice.currency).plain(),
        "currency": invoice.currency,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "reference": invoice.reference,
        "total": total,
        "assets": [_asset(tile) for tile in tiles],
        "next": next_page,
        "downloads": _downloads(open_ones, path, whole=released) if released or open_ones else None,
    }


def _asset(tile: Tile) -> dict[str, object]:
    """``kind``: picture | card | waiting | failed. What may not be told while the original is held is None."""
    pages = [
        {
            "number": picture.page,
            "width": picture.width,
            "height": picture.height,
            "renditions": {str(size): url for size, url in picture.renditions.items()},
        }
        for picture in tile.pictures
    ]
    clip = tile.clip and {"url": tile.clip.url, "media_type": tile.clip.media_type, "seconds": tile.clip.seconds}
    told = {"clip": clip, "name": tile.name, "type": tile.type, "size": tile.size, "sha256": tile.sha256}
    return {
        "id": tile.asset_id,
        "number": tile.number,
        "kind": tile.kind,
        "version": tile.version,
        "pages": pages,
        "pdf": tile.pdf,
        **told,
    }


def _downloads(tiles: list[Tile], path: str, *, whole: bool) -> dict[str, object]:
    one = [{"asset": tile.asset_id, "url": f"{path}/downloads/{tile.asset_id}"} for tile in tiles]
    return {"all": f"{path}/downloads" if whole else None, "assets": one}

"""Panels: how a domain on a higher floor shows its part on a page of a lower one.

The delivery page belongs to ``deliveries`` and the share page to ``shares``, yet payments, links and downloads must
appear there. A domain's ``panels.py`` offers functions marked :func:`delivery_panel` or :func:`share_panel`;
discovery collects them, the page renders their templates in ``order``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from service.db import Tx


@dataclass(frozen=True)
class Panel:
    """A piece of a page: its template, where it stands (small numbers first), and what the template reads.
    ``template`` gets ``panel.data`` beside the page's own context."""

    template: str
    order: int
    data: dict[str, Any] = field(default_factory=dict)


Maker = Callable[..., Panel | None]
"""``maker(tx, request, delivery)`` for a delivery page; ``maker(tx, request, delivery, link)`` for a share page.
None shows nothing."""

MakerType = TypeVar("MakerType", bound=Maker)


def delivery_panel(maker: MakerType) -> MakerType:
    """Offers a panel on the studio's delivery page."""
    maker.__dict__["panel_page"] = "delivery"
    return maker


def share_panel(maker: MakerType) -> MakerType:
    """Offers a panel on the client's share page."""
    maker.__dict__["panel_page"] = "share"
    return maker


def view_panel(maker: MakerType) -> MakerType:
    """Offers a panel on the page of one preview: ``maker(tx, request, delivery, link, asset, page)``."""
    maker.__dict__["panel_page"] = "view"
    return maker


def panels_for(page: str, tx: Tx, request: Request, *things: Any) -> list[Panel]:
    """The panels for this page and these things, in order."""
    made = [maker(tx, request, *things) for maker in request.app.state.panels.get(page, [])]
    return sorted((panel for panel in made if panel is not None), key=lambda panel: panel.order)


def asset_filter(name: str, words: str) -> Callable[[Any], Any]:
    """Offers a choice of assets on the delivery page: ``maker(delivery_id)`` gives the condition, ``words`` is a message."""

    def mark(maker: Any) -> Any:
        maker.__dict__.update(panel_page="asset", filter_name=name, filter_words=words)
        return maker

    return mark


def asset_filters(request: Request) -> dict[str, tuple[str, Any]]:
    """(words, maker) of every choice on offer, by name."""
    makers = request.app.state.panels.get("asset", [])
    return {maker.filter_name: (maker.filter_words, maker) for maker in makers}

"""What a renderer is: it opens a file of its kind and decodes it page by page. One format family, one file."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Final, Protocol

from watermark.limits import Limits
from watermark.pipeline import Deadline, Frame
from watermark.results import Kind

NOTES: Final[dict[str, str]] = {
    "name_mismatch": "The file is of another kind than its name says.",
    "animated": "The preview shows the first picture of an animation.",
    "pages_left_out": "The document is longer than the preview.",
    "profile_unusable": "The picture's colour profile could not be used.",
    "cmyk_without_profile": "The picture is CMYK without a profile: its colours in the preview are approximate.",
    "tones_scaled": "The picture's tones were scaled to be shown.",
}


@dataclass(frozen=True)
class Source:
    """An open file at offset 0, seekable and read-only, with its size in bytes and its media type by content."""

    file: BinaryIO
    size: int
    media_type: str


class Opened(Protocol):
    """A file whose structure has been read. Pages count from 1."""

    @property
    def kind(self) -> Kind: ...
    @property
    def page_count(self) -> int:
        """All pages, also those beyond the limit."""

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels as shown; None for documents."""

    @property
    def notes(self) -> tuple[str, ...]: ...
    def page(self, number: int, deadline: Deadline) -> Frame:
        """Decode one page, scaled down where that is cheap, never below `limits.PROOF_SIDE`. Raises BadSource."""


class Renderer(Protocol):
    """Registers itself by being a module in `watermark/renderers/` with `RENDERER`. Empty `media_types`: for the rest."""

    @property
    def media_types(self) -> frozenset[str]: ...
    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the structure only. Raises BadSource with the reason for the card."""


@cache
def renderers() -> dict[str, Renderer]:
    """Every renderer found, by media type; "" is the one for everything else. Imports them all."""
    package = importlib.import_module("watermark.renderers")
    found: dict[str, Renderer] = {}
    for module in pkgutil.iter_modules(package.__path__, "watermark.renderers."):
        renderer: Renderer = importlib.import_module(module.name).RENDERER
        for name in renderer.media_types or {""}:
            found[name] = renderer
    return found


def renderer_for(media_type: str) -> Renderer:
    """The renderer of a type, or the card for all that has none."""
    return renderers().get(media_type) or renderers()[""]

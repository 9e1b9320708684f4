"""What a renderer is: it opens a file of its kind and decodes it page by page. One format family, one file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Protocol, TypeVar, runtime_checkable

from watermark.declare import About
from watermark.errors import BadSource, WatermarkError
from watermark.limits import Limits
from watermark.pipeline import Deadline, Frame
from watermark.results import Kind

T = TypeVar("T")


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
    """Registers itself by being a module in `watermark/renderers/` with `RENDERER`. No media types: for the rest."""

    @property
    def about(self) -> About: ...
    def open(self, source: Source, limits: Limits) -> Opened:
        """Read the structure only. Raises BadSource with the reason for the card."""


class ReadOutside:
    """The half of a renderer whose files an outside program reads: nothing in the sandbox's child opens them."""

    def open(self, source: Source, limits: Limits) -> Opened:  # noqa: ARG002 - the contract's signature
        """Always raises BadSource (`unsupported`)."""
        raise BadSource(code="unsupported")


@runtime_checkable
class LooksInside(Protocol):
    """A power beside the contract: telling a type of its own from the container that holds it."""

    @property
    def containers(self) -> frozenset[str]:
        """Media types by signature that it wants to look into."""

    def look_inside(self, source: Source) -> str | None:
        """The type, or None if it is none of its own. Never raises for what the bytes are."""


@cache
def renderers() -> dict[str, Renderer]:
    """Every renderer found, by media type; "" is the one for everything else. Imports them all."""
    package = importlib.import_module("watermark.renderers")
    found: dict[str, Renderer] = {}
    for module in pkgutil.iter_modules(package.__path__, "watermark.renderers."):
        renderer: Renderer = importlib.import_module(module.name).RENDERER
        for name in renderer.about.media_types or {""}:
            found[name] = renderer
    return found


def every_renderer() -> list[Renderer]:
    """Each of them once, in the order of their files' names."""
    return list(dict.fromkeys(renderers().values()))


def renderer_for(media_type: str) -> Renderer:
    """The renderer of a type, or the card for all that has none."""
    return renderers().get(media_type) or renderers()[""]


def guarded(work: Callable[[], T]) -> T:
    """Run a decoder; whatever it raises on hostile bytes becomes BadSource. Our own errors and memory pass."""
    try:
        return work()
    except (WatermarkError, MemoryError):
        raise
    except Exception as fault:  # a decoder may raise anything at all on hostile bytes
        cut = isinstance(fault, EOFError) or "truncated" in str(fault).lower()
        raise BadSource(code="truncated" if cut else "corrupt") from fault

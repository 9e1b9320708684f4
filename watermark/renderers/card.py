"""Everything that has no renderer: a card, no picture."""

from __future__ import annotations

from watermark.declare import About
from watermark.errors import BadSource
from watermark.limits import Limits
from watermark.rendering import Opened, Source


class CardRenderer:
    """Refuses every file as `unsupported`; no types of its own, so it stands for the rest."""

    about = About(
        files="everything else",
        shown="a card: name, type, size, SHA-256",
        cap="",
        media_types=frozenset(),
    )

    def open(self, source: Source, limits: Limits) -> Opened:  # noqa: ARG002 - the contract's signature
        """Always raises BadSource."""
        raise BadSource(code="unsupported")


RENDERER = CardRenderer()

"""Fonts: a specimen sheet, the letters as a picture."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import uharfbuzz as hb
from PIL import Image, ImageDraw, ImageFont

from watermark.declare import About, signature, suffixes
from watermark.errors import BadSource
from watermark.lettering import INK, PALE, PAPER, own_font, printable, shortened
from watermark.limits import MIB, Limits
from watermark.pipeline import Deadline, Frame
from watermark.rendering import Opened, Source, guarded
from watermark.results import Kind

FILE_BYTES: Final = 64 * MIB
WIDTH, HEIGHT, MARGIN = 1600, 1200, 80
LINES: Final = (
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 72),
    ("abcdefghijklmnopqrstuvwxyz", 72),
    ("0123456789 .,;:!?&@€%", 72),
    ("Glāžšķūņa rūķīši dzērumā čiepj Baha koncertflīģeļu vākus", 44),
    ("The quick brown fox jumps over the lazy dog", 44),
    ("Съешь же ещё этих мягких французских булок", 44),
    ("Ξεσκεπάζω την ψυχοφθόρα βδελυγμία", 44),
)
_OWN: Final = 60
"""Letters of the font's own shown when it has none of the lines above: symbols, other scripts."""


class FontPage:
    """A font that could be read: one page."""

    kind: Kind = "picture"
    page_count = 1
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._name = printable(" ".join(self._at(20).getname()[n] or "" for n in (0, 1)).strip(), 80)
        self._letters = _letters_of(data)

    def page(self, number: int, deadline: Deadline) -> Frame:  # noqa: ARG002 - there is one
        """The sheet. Raises BadSource (`corrupt`)."""
        deadline.check()
        return guarded(lambda: self._draw(deadline))

    def _draw(self, deadline: Deadline) -> Frame:
        sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(sheet)
        room = WIDTH - 2 * MARGIN
        draw.text((MARGIN, MARGIN - 30), shortened(self._name, own_font(30), room), PALE, own_font(30))
        down = MARGIN + 40
        for text, wanted in self._lines():
            deadline.check()
            size = wanted
            while size > 12 and self._at(size).getlength(text) > room:
                size -= 4
            draw.text((MARGIN, down), text, INK, self._at(size))
            down += int(size * 1.9)
        pixels = np.asarray(sheet)
        return Frame(pixels, full=(WIDTH, HEIGHT))

    def _lines(self) -> list[tuple[str, int]]:
        has = self._letters
        if has is None:
            return list(LINES[:5])
        shown = [(text, size) for text, size in LINES if all(ord(c) in has or c == " " for c in text)]
        if shown:
            return shown
        own = [chr(code) for code in sorted(has) if chr(code).isprintable() and not chr(code).isspace()][:_OWN]
        return [("".join(own[start : start + 12]), 80) for start in range(0, len(own), 12)]

    def _at(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(io.BytesIO(self._data), size, layout_engine=ImageFont.Layout.BASIC)


class FontRenderer:
    about = About(
        files="fonts: TTF, OTF, TTC, WOFF, WOFF2",
        shown="a marked specimen sheet",
        cap="64 MiB",
        media_types=frozenset({"font/ttf", "font/otf", "font/collection", "font/woff", "font/woff2"}),
        signatures=(
            signature("font/ttf", {0: b"\0\1\0\0\0"}),
            signature("font/ttf", {0: b"true\0"}),
            signature("font/otf", {0: b"OTTO\0"}),
            signature("font/collection", {0: b"ttcf\0"}),
            signature("font/woff", {0: b"wOFF"}),
            signature("font/woff2", {0: b"wOF2"}),
        ),
        suffixes=suffixes(
            {
                "ttf": "font/ttf font/otf",
                "otf": "font/otf font/ttf",
                "ttc": "font/collection",
                "woff": "font/woff",
                "woff2": "font/woff2",
            }
        ),
    )

    def open(self, source: Source, limits: Limits) -> Opened:  # noqa: ARG002 - the contract's signature
        """Raises BadSource: `corrupt`, `too_complex`."""
        if source.size > FILE_BYTES:
            raise BadSource(code="too_complex")
        data = source.file.read(FILE_BYTES)
        return guarded(lambda: FontPage(data))


def _letters_of(data: bytes) -> frozenset[int] | None:
    """The characters it has; None for a packed font (WOFF), whose table can't be read without unpacking."""
    if data[:4] in (b"wOFF", b"wOF2"):
        return None
    return frozenset(hb.Face(data).unicodes)


RENDERER = FontRenderer()

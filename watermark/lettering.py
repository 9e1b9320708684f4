"""Plain text drawn into a picture, for specimens and listings: in a font from memory, so that no file is opened."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

INK: Final = (34, 34, 32)
PALE: Final = (120, 120, 114)
PAPER: Final = (250, 250, 247)
_FILE: Final = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"


@cache
def _font_bytes() -> bytes:
    return _FILE.read_bytes()


def preload() -> None:
    """Read the font while files can still be opened: before the first fork."""
    _font_bytes()


@cache
def own_font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, `size` in pixels."""
    return ImageFont.truetype(io.BytesIO(_font_bytes()), size, layout_engine=ImageFont.Layout.BASIC)


def shortened(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, its middle left out if it would be wider than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    keep = len(text) // 2
    while keep > 1 and font.getlength(text[:keep] + "…" + text[-keep:]) > width:
        keep -= 1
    return text[:keep] + "…" + text[-keep:]


def printable(text: str, at_most: int = 300) -> str:
    """Without control and direction characters, which could make a name look like another."""
    return "".join(c if c.isprintable() and c not in "\u200e\u200f" else "\ufffd" for c in text[:at_most])


preload()

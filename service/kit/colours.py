"""Colours as ``#rrggbb``: which of two reads on the other, and what to do if neither does (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"#[0-9a-f]{6}")
READABLE = 4.5
"""The least contrast of text with its ground, level AA."""
WHITE, BLACK = "#ffffff", "#000000"


def is_colour(text: str) -> bool:
    """Whether ``text`` is six lower-case hex digits after a ``#``: nothing else gets into a style or a picture."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (the same) to 21 (black and white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """White or black, whichever reads better on ``colour``. One of them always reaches 4.5."""
    return WHITE if contrast(colour, WHITE) >= contrast(colour, BLACK) else BLACK


def readable(colour: str, ground: str, least: float = READABLE) -> str:
    """``colour``, or where it does not read on ``ground`` the nearest mixture of it with black or white that does."""
    towards = BLACK if _luminance(ground) > 0.18 else WHITE
    for part in range(101):
        mixed = mix(colour, towards, part / 100)
        if contrast(mixed, ground) >= least:
            return mixed
    return towards


def mix(colour: str, other: str, part: float) -> str:
    """``part`` (0 to 1) of ``other`` in ``colour``."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    if not is_colour(colour):
        raise ValueError(f"not a colour: {colour!r}")
    return list(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it from sRGB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

"""How a studio looks on its clients' pages: a few lines of style made from its colour. Pure.

Whatever colour was chosen, text in it reads on each ground that these pages have, in light and in dark, and text on it reads
too: level AA of WCAG 2.2 (1.4.3). Where it would not, it is mixed with black or white until it does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from service.kit.colours import READABLE, contrast, ink_on, mix

LIGHT, DARK = ("#f7f7f5", "#ffffff"), ("#131516", "#1b1e1f")
"""The grounds of app.css: the page and what is raised from it."""
_SOFT = 0.12
"""How much of the colour is in the ground of what comes next."""


@dataclass(frozen=True)
class Scheme:
    """The colour as it is used, the ink on it, and a soft ground made of it."""

    accent: str
    ink: str
    soft: str


def scheme(colour: str, grounds: tuple[str, ...]) -> Scheme:
    """The nearest to ``colour`` that reads on all of ``grounds`` and on its own soft ground."""
    towards = "#000000" if grounds is LIGHT else "#ffffff"
    for part in range(101):
        accent = mix(colour, towards, part / 100)
        soft = mix(grounds[-1], accent, _SOFT)
        if all(contrast(accent, ground) >= READABLE for ground in (*grounds, soft)):
            break
    return Scheme(accent, ink_on(accent), soft)


def style_of(colour: str) -> str:
    """The style sheet for a colour; empty for none."""
    if not colour:
        return ""
    light, dark = _tokens(scheme(colour, LIGHT)), _tokens(scheme(colour, DARK))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def look_version(colour: str) -> str:
    """Changes when the style does."""
    return hashlib.sha256(style_of(colour).encode()).hexdigest()[:12]


def _tokens(made: Scheme) -> str:
    return f"--accent:{made.accent};--accent-ink:{made.ink};--accent-soft:{made.soft}"

"""The three strengths: points on one curve of how well a picture can be judged against how hard its mark is to remove.

All grey levels are of 255, all lengths in units (thousandths of the long side). How they were found is told in
infra/docs/decisions/0005-the-visible-mark.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Weights:
    """How strongly each part of the mark is drawn."""

    tone: float
    """Grey levels that the soft tone of a letter shifts the picture."""
    tone_busy: float
    """Further levels of it where the picture is busy."""
    line: float
    """Grey levels of the line work inside letters."""
    ground: float
    """The same outside letters, as a share of `line`."""
    edge: float
    """Grey levels of a letter's outline."""
    bend: float
    """How far the picture is pushed aside inside letters, in units."""
    bend_ground: float
    """The same outside letters, as a share of `bend`."""
    wash: float
    """Grey levels of the slow light and shade over the whole picture."""
    width: float = 0.4
    """Width of a light and of a dark stroke, in periods."""
    tint: float = 0.35
    """How far the three colours may part from each other."""
    print: float = 0.75
    """Opacity of the line work over printed matter, where a fainter one falls to a simple threshold."""


WEIGHTS: Final[dict[str, Weights]] = {
    "light": Weights(18, 8, 12, 0.22, 16, 0.8, 0.0, 12),
    "standard": Weights(28, 12, 22, 0.4, 24, 1.5, 0.2, 19),
    "strong": Weights(36, 14, 38, 0.7, 32, 2.2, 0.45, 26),
}

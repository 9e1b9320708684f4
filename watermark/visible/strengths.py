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
    mist: float = 0.27
    """Opacity of letters over printed matter."""
    print: float = 0.65
    """Opacity of the line work over printed matter, where a fainter one falls to a simple threshold."""


WEIGHTS: Final[dict[str, Weights]] = {
    "light": Weights(19, 8, 10, 0.16, 16, 0.6, 0.0, 15),
    "standard": Weights(28, 12, 22, 0.4, 24, 1.5, 0.2, 20),
    "strong": Weights(34, 14, 31, 0.55, 30, 2.0, 0.35, 25),
}

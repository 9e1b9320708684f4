"""Numbers of files as people write them: ``1-12, 20``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.errors import BadInput
from service.kit.translate import N_

_PIECE = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")


def numbers_in(text: str, most: int) -> set[int]:
    """The numbers that ``text`` names, each from 1 to ``most``; raises BadInput."""
    found: set[int] = set()
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        match = _PIECE.fullmatch(piece)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= most:
            raise BadInput(N_("Write the numbers of the files like this: 1-12, 20."), field="numbers")
        found |= set(range(first, last + 1))
    return found


def shown_numbers(numbers: Iterable[int]) -> str:
    """The shortest way to write them, in order."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}–{last}" if first < last else str(first) for first, last in runs)

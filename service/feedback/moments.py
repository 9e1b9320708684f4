"""Moments of a film or a sound, as people write them: 0:42, 1:05, 1:02:03, or seconds alone. Pure."""

from __future__ import annotations

import re

from service.errors import BadInput
from service.kit.translate import N_

PATTERN = r"\s*\d{1,5}([:.,]\d{1,2}){0,2}\s*"
"""What is read, also for the field's own check in the browser, so that nothing typed is lost by a refusal."""


def moment_from(text: str) -> int | None:
    """Milliseconds from the beginning; None for an empty text. Raises BadInput for what is no moment."""
    if not text.strip():
        return None
    if not (text.isascii() and re.fullmatch(PATTERN, text)):
        raise BadInput(N_("Write a moment as minutes and seconds, such as 1:05."), field="moment")
    seconds = 0
    for part in re.findall(r"\d+", text):
        seconds = seconds * 60 + int(part)
    return seconds * 1000


def shown_moment(milliseconds: int) -> str:
    """1:05, or 1:02:03 from an hour on: to the second, which is as exact as a person points."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

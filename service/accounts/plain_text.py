"""Short texts that people type into settings: one line, or several, without characters that deceive."""

from __future__ import annotations

import unicodedata

from service.errors import BadInput
from service.kit.translate import N_

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def plain_text(text: str, field: str, *, at_most: int, required: bool = True) -> str:
    """``text`` on one line without control and direction characters; raises BadInput for ``field``."""
    shown = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    kept = " ".join("".join(c for c in shown if c == "\u200d" or unicodedata.category(c) not in _HIDDEN).split())
    return _checked(kept, field, at_most, required)


def long_text(text: str, field: str, *, at_most: int, required: bool = False) -> str:
    """``text`` with its line breaks (as ``\\n``), otherwise as :func:`plain_text`."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    clean = ("".join(c for c in line if c == "\u200d" or unicodedata.category(c) not in _HIDDEN) for line in lines)
    return _checked("\n".join(line.rstrip() for line in clean).strip(), field, at_most, required)


def _checked(text: str, field: str, at_most: int, required: bool) -> str:
    if required and not text:
        raise BadInput(N_("Please fill this in."), field=field, code="missing")
    if len(text) > at_most:
        raise BadInput(N_("Please keep this to %(count)s characters or fewer."), field=field, count=at_most)
    return text

"""The terms a client accepts before the previews show: the studio's own text, or the built-in one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from service.accounts.models import Studio
from service.kit.translate import known

_FOLDER = Path(__file__).parent / "templates" / "terms"


@cache
def built_in_terms(locale: str) -> str:
    """The retention clause and licence in plain words, in a language we speak (else English). It is versioned by
    its hash wherever it is accepted, so it is a file of its own and no translated message."""
    return (_FOLDER / f"{known(locale)}.txt").read_text(encoding="utf-8").strip()


def terms_of(studio: Studio, locale: str) -> str:
    """What this studio asks a client who reads ``locale`` to accept."""
    return studio.terms_text or built_in_terms(locale)

"""Words that must not be on a screen: we hold files, never money; and a delivery is held, not locked."""

from __future__ import annotations

import re

from tests.rules.sources import texts

SCREENS = (
    "service/**/*.html",
    "service/**/*.txt",
    "service/static/js/**/*.js",
    "service/locale/**/*.po",
    "service/locale/**/*.pot",
)
FORBIDDEN = {
    r"escrow": "Tillpaid never holds money",
    r"\b(un)?locked\b": "say: held until payment; released",
    r"эскроу|darījumu kont": "Tillpaid never holds money",
    r"блокир|bloķē": "say: хранится до оплаты, glabājas līdz apmaksai",
}


def forbidden_words(path: str, text: str) -> list[str]:
    """The lines with such a word. A catalogue's comments are not shown to anyone."""
    return [
        f"{path}:{number}: {why}"
        for number, line in enumerate(text.splitlines(), 1)
        if not (path.endswith((".po", ".pot")) and line.startswith("#"))
        for word, why in FORBIDDEN.items()
        if re.search(word, line, re.IGNORECASE)
    ]


def test_no_screen_says_what_we_are_not() -> None:
    assert [fault for path, text in texts(*SCREENS) for fault in forbidden_words(path, text)] == []


def test_the_rule_can_fail() -> None:
    assert forbidden_words("a.html", "<p>Your money is in\nEscrow</p>") == ["a.html:2: Tillpaid never holds money"]
    assert forbidden_words("lv.po", 'msgid "The files are locked"')
    assert forbidden_words("ru.po", 'msgstr "Файлы заблокированы"')
    assert forbidden_words("lv.po", "#: service/releases/locked.py:3\nmsgid 'The grants were blocked'") == []

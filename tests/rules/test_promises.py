"""The page of promises and the tests agree: each test it names is there, and each promise that has a test has its line."""

from __future__ import annotations

import re

from tests.rules.sources import HERE

PAGE = HERE / "infra" / "docs" / "promises.md"


def _written() -> set[str]:
    found: set[str] = set()
    for path in (HERE / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"def (test_promise_\d+_\w+)\(", path.read_text()))
    return found


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_promise_\w+)`", PAGE.read_text()))
    assert named - _written() == set()
    assert len(named) > 30


def test_every_promise_with_a_test_has_its_line() -> None:
    lines = {int(number): rest for number, rest in re.findall(r"^\| (\d+) \|(.*)$", PAGE.read_text(), re.MULTILINE)}
    numbers = {int(name.split("_")[2]) for name in _written()}
    assert numbers - set(lines) == set()
    wrong = [
        n
        for n, rest in lines.items()
        if any(f"test_promise_{n}_" not in t for t in re.findall(r"`(test_promise_\w+)`", rest))
    ]
    assert wrong == []

"""The project's own files, for the rules to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


def python_files(*folders: str) -> Iterator[tuple[str, str]]:
    """(path from the root, source) of each Python file in these folders."""
    for folder in folders:
        for path in sorted((HERE / folder).rglob("*.py")):
            yield path.relative_to(HERE).as_posix(), path.read_text()


def texts(*patterns: str) -> Iterator[tuple[str, str]]:
    """(path from the root, text) of each file that a pattern names."""
    for pattern in patterns:
        for path in sorted(HERE.glob(pattern)):
            yield path.relative_to(HERE).as_posix(), path.read_text()

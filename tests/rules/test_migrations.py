"""Migrations form one line: each number once, each resting on the one before, each file named by its number."""

from __future__ import annotations

import re

from tests.rules.sources import HERE

FOLDER = HERE / "service" / "migrations" / "versions"


def test_migrations_form_one_line() -> None:
    files = sorted(path.name for path in FOLDER.glob("*.py"))
    assert files
    before = None
    for number, name in enumerate(files, 1):
        said = dict(re.findall(r'^(revision|down_revision) = "?(\w+)"?', (FOLDER / name).read_text(), re.M))
        wanted = {"revision": f"{number:04}", "down_revision": before or "None"}
        assert said == wanted, f"{name}: two migrations with one number? Give yours the next, after the last"
        assert name.startswith(f"{number:04}_"), name
        before = f"{number:04}"

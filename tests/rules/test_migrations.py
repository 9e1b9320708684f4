"""The migrations are one line of steps, in the order of their numbers."""

from __future__ import annotations

import re

from tests.rules.sources import HERE

VERSIONS = HERE / "service" / "migrations" / "versions"
_NAMED = re.compile(r'^(revision|down_revision)(?:: [^=]+)? = (?:"(\w+)"|None)$', re.MULTILINE)


def test_each_migration_follows_the_one_before() -> None:
    before = None
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        told = {name: value or None for name, value in _NAMED.findall(path.read_text())}
        assert told == {"revision": path.name[:4], "down_revision": before}, path.name
        before = path.name[:4]
    assert before is not None

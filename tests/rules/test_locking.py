"""Rows are locked in one way: a bare FOR UPDATE would not read them anew, and would stop rows that only refer to them."""

from __future__ import annotations

from tests.rules.sources import python_files

ALLOWED = {"service/db.py": "locked()", "service/jobs/backends/tables.py": "Procrastinate's rows, read by no object"}


def test_rows_are_locked_by_locked() -> None:
    found = [path for path, source in python_files("service") if "with_for_update(" in source and path not in ALLOWED]
    assert found == []
    assert all("with_for_update(" in dict(python_files("service"))[path] for path in ALLOWED)

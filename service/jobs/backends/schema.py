"""Procrastinate's tables and functions, brought to the version that is installed. Called by migrations.

A new database gets them whole; an older one gets the files of Procrastinate's own migrations that came after. Which it
has stands in a comment on its main table. (Its migrations cannot all be run in one transaction from the first one.)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import psycopg
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

PRESENT = "SELECT obj_description(to_regclass('procrastinate_jobs'))"


def bring_procrastinate(connection: Connection) -> None:
    """Runs what is missing, in the caller's transaction."""
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    row = raw.execute(PRESENT).fetchone()
    if row is None or row[0] is None:
        raw.execute(SchemaManager.get_schema())
    else:
        for path in files:
            if path.name > row[0]:
                raw.execute(path.read_text(encoding="utf-8").encode())
    raw.execute(psycopg.sql.SQL("COMMENT ON TABLE procrastinate_jobs IS {}").format(files[-1].name))

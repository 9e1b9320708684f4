"""Bringing the database to this version's tables (Alembic, shipped inside the package)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from service.db import Database

LOCK = 0x7117  # any number that nothing else in the database locks
FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def migrate(db: Database) -> None:
    """Upgrades to the newest revision; does nothing when the database is there already. Safe to run twice at once, also
    by two machines: the whole upgrade is one write transaction, and on PostgreSQL it holds a lock."""
    alembic = config()
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")


def is_current(db: Database) -> bool:
    """Whether the database's tables are this version's."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    with db.read() as tx:
        return MigrationContext.configure(tx.connection()).get_current_revision() == head

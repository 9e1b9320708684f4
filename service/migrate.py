"""Bringing the database to this version's tables (Alembic, shipped inside the package)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.db import Database

FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def migrate(db: Database) -> None:
    """Upgrades to the newest revision; does nothing when the database is there already. Safe to run twice at once:
    the whole upgrade is one write transaction."""
    alembic = config()
    with db.engine.begin() as connection:
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")


def is_current(db: Database) -> bool:
    """Whether the database's tables are this version's."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    with db.read() as tx:
        return MigrationContext.configure(tx.connection()).get_current_revision() == head

"""Alembic's entry point; ``service/migrate.py`` hands it a connection."""

from alembic import context

from service import discovery
from service.db import Base

discovery.load_models()
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()

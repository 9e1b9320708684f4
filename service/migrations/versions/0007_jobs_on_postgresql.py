"""Jobs on PostgreSQL, and periodic jobs

A later version of Procrastinate with other tables needs a migration that calls ``bring_procrastinate`` again.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from service.jobs.backends.schema import bring_procrastinate

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_notes",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("forgiven", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_notes")),
    )
    op.create_table(
        "periodic_runs",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_periodic_runs")),
    )
    if op.get_bind().dialect.name == "postgresql":
        bring_procrastinate(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        raise NotImplementedError("Procrastinate's tables are not taken away again")
    op.drop_table("periodic_runs")
    op.drop_table("job_notes")

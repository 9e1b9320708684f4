"""Reminders that are planned for a day

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_reminders",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("studio_id", sa.String(), nullable=False),
        sa.Column("tone", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_planned_reminders_delivery_id")),
        sa.ForeignKeyConstraint(["studio_id"], ["studios.id"], name=op.f("fk_planned_reminders_studio_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_planned_reminders")),
    )
    op.create_index(op.f("ix_planned_reminders_on_day"), "planned_reminders", ["on_day"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_planned_reminders_on_day"), table_name="planned_reminders")
    op.drop_table("planned_reminders")

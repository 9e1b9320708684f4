"""Pictures that cannot be traced are found by an index

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_renditions_trace"), "renditions", ["trace"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_renditions_trace"), table_name="renditions")

"""What was deleted lately is found by an index

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME = "ix_deliveries_studio_id_deleted_at"


def upgrade() -> None:
    op.create_index(op.f(NAME), "deliveries", ["studio_id", "deleted_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f(NAME), table_name="deliveries")

"""When each step of a delivery was, found by an index

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "ix_audit_events_delivery_id_kind_at"


def upgrade() -> None:
    op.create_index(op.f(NAME), "audit_events", ["delivery_id", "kind", "at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f(NAME), table_name="audit_events")

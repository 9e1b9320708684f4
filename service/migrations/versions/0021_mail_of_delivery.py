"""A delivery's newest e-mail is found by an index

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NAME = "ix_outbox_messages_delivery_id_created_at"


def upgrade() -> None:
    op.create_index(op.f(NAME), "outbox_messages", ["delivery_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f(NAME), table_name="outbox_messages")

"""Versions of an asset

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("first_id", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("successor_id", sa.String(), server_default="", nullable=False))
        batch_op.create_index("ix_assets_successor_id", ["successor_id"])


def downgrade() -> None:
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_index("ix_assets_successor_id")
        batch_op.drop_column("successor_id")
        batch_op.drop_column("first_id")
        batch_op.drop_column("version")

"""Instalments, and releases of what one of them opens

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
IN_FORCE = {
    "unique": True,
    "sqlite_where": sa.text("ended_at IS NULL"),
    "postgresql_where": sa.text("ended_at IS NULL"),
}


def upgrade() -> None:
    op.create_table(
        "instalments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("studio_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opens", sa.String(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_instalments_delivery_id_deliveries")),
        sa.ForeignKeyConstraint(["studio_id"], ["studios.id"], name=op.f("fk_instalments_studio_id_studios")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalments")),
        sa.UniqueConstraint("delivery_id", "position", name=op.f("uq_instalments_delivery_id_position")),
        sa.UniqueConstraint("studio_id", "reference", name=op.f("uq_instalments_studio_id_reference")),
    )
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instalment_id", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instalment_id", sa.String(), server_default="", nullable=False))
        batch_op.drop_index("uq_releases_in_force")
        batch_op.create_index("uq_releases_in_force", ["delivery_id", "instalment_id"], **IN_FORCE)


def downgrade() -> None:
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_index("uq_releases_in_force")
        batch_op.create_index("uq_releases_in_force", ["delivery_id"], **IN_FORCE)
        batch_op.drop_column("instalment_id")
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_column("instalment_id")
    op.drop_table("instalments")

"""Pages of documents are made when they are asked for

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Documents that were made whole until now show the pages that they have."""
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pages_shown", sa.Integer(), nullable=False, server_default="0"))
    assets = sa.table("assets", sa.column("id"), sa.column("pages_shown"))
    proofs = sa.table("proofs", sa.column("asset_id"), sa.column("page"))
    last = sa.select(sa.func.coalesce(sa.func.max(proofs.c.page), 0)).where(proofs.c.asset_id == assets.c.id)
    op.get_bind().execute(assets.update().values(pages_shown=last.scalar_subquery()))


def downgrade() -> None:
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_column("pages_shown")

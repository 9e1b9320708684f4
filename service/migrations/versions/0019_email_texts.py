"""Studios' own words for e-mails

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_texts",
        sa.Column("studio_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["studio_id"], ["studios.id"], name=op.f("fk_email_texts_studio_id_studios")),
        sa.PrimaryKeyConstraint("studio_id", "kind", "locale", name=op.f("pk_email_texts")),
    )


def downgrade() -> None:
    op.drop_table("email_texts")

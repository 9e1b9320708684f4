"""What clients say of the work: answers, comments, what they chose

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("answers", "delivery_id", "deliveries"),
        _to("answers", "link_id", "share_links"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_delivery_id_asset_id_at"), "answers", ["delivery_id", "asset_id", "at"])
    op.create_table(
        "comments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("spot_x", sa.Integer(), nullable=True),
        sa.Column("spot_y", sa.Integer(), nullable=True),
        sa.Column("moment_ms", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("comments", "delivery_id", "deliveries"),
        _to("comments", "link_id", "share_links"),
        _to("comments", "asset_id", "assets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    place = ["delivery_id", "asset_id", "page", "at"]
    op.create_index(op.f("ix_comments_delivery_id_asset_id_page_at"), "comments", place)
    op.create_table(
        "selections",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=False),
        _to("selections", "delivery_id", "deliveries"),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_selections")),
    )
    op.create_table(
        "favourites",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _to("favourites", "delivery_id", "deliveries"),
        _to("favourites", "asset_id", "assets"),
        _to("favourites", "link_id", "share_links"),
        sa.PrimaryKeyConstraint("delivery_id", "asset_id", name=op.f("pk_favourites")),
    )


def downgrade() -> None:
    for table in ("favourites", "selections", "comments", "answers"):
        op.drop_table(table)

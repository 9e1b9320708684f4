"""Tracing: what a link's forensic mark says; digests of proofs and renditions

Revision ID: 0004
Revises: 0003
"""

import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _links()
    for table, columns in {"proofs": ["sha256"], "renditions": ["sha256", "trace", "trace_key_id"]}.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.add_column(sa.Column(column, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("renditions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renditions_link_id_trace"), ["link_id", "trace"], unique=False)
    _remark()


def _links() -> None:
    """Every link gets its 48 bits, also those that are over."""
    with op.batch_alter_table("share_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trace_id", sa.BigInteger(), nullable=True))
    links = sa.table("share_links", sa.column("id", sa.String()), sa.column("trace_id", sa.BigInteger()))
    connection = op.get_bind()
    taken: set[int] = set()
    for (link_id,) in connection.execute(sa.select(links.c.id)).all():
        trace_id = secrets.randbits(48)
        while trace_id in taken:
            trace_id = secrets.randbits(48)
        taken.add(trace_id)
        connection.execute(links.update().where(links.c.id == link_id).values(trace_id=trace_id))
    with op.batch_alter_table("share_links", schema=None) as batch_op:
        batch_op.alter_column("trace_id", existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_share_links_trace_id"), ["trace_id"])


def _remark() -> None:
    """Pictures without a digest are not served: they are made anew from their proofs, by jobs."""
    connection = op.get_bind()
    proofs = sa.table("proofs", sa.column("recipe_digest", sa.String()))
    connection.execute(proofs.update().values(recipe_digest=""))
    assets = sa.table(
        "assets", sa.column("id"), sa.column("state"), sa.column("removed_at", sa.DateTime(timezone=True))
    )
    ready = sa.select(assets.c.id).where(assets.c.state == "ready", assets.c.removed_at.is_(None))
    names = ("id", "kind", "payload", "state", "priority", "key", "attempts", "fence", "worker", "error")
    times = (sa.column("run_at", sa.DateTime(timezone=True)), sa.column("created_at", sa.DateTime(timezone=True)))
    jobs = sa.table("jobs", *(sa.column(name) for name in names), *times)
    now = datetime.now(UTC)
    for number, (asset_id,) in enumerate(connection.execute(ready).all()):
        connection.execute(
            jobs.insert().values(
                id=f"job_remark{number:020}",
                kind="previews.remark",
                payload=json.dumps({"asset_id": asset_id}),
                state="waiting",
                priority=-1,
                key=f"remark:{asset_id}",
                attempts=0,
                fence=0,
                worker="",
                error="",
                run_at=now,
                created_at=now,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("renditions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_renditions_link_id_trace"))
        for column in ("sha256", "trace", "trace_key_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("proofs", schema=None) as batch_op:
        batch_op.drop_column("sha256")
    with op.batch_alter_table("share_links", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_share_links_trace_id"), type_="unique")
        batch_op.drop_column("trace_id")

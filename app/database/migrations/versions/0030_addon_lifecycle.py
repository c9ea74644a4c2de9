"""addon lifecycle: what was installed from which code, the processes that run, requests from the page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0030"
down_revision = "kernel_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "addon_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("command", sa.String(length=20), nullable=False),
        sa.Column("addon", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="asked", nullable=False),
        sa.Column("forced", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("log", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["ab_user.id"], name=op.f("fk_addon_request_asked_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_request")),
    )
    op.create_index(op.f("ix_addon_request_asked_by_id"), "addon_request", ["asked_by_id"], unique=False)
    op.create_index("ix_addon_request_state", "addon_request", ["state"], unique=False)
    op.create_table(
        "applied_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("addon", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.String(length=60), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applied_revision")),
    )
    op.create_index("uq_applied_revision_revision", "applied_revision", ["revision"], unique=True)
    op.create_table(
        "running_process",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("registry_version", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=500), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_running_process")),
    )
    op.create_index("uq_running_process_host_process", "running_process", ["host", "process"], unique=True)
    op.add_column("registry_state", sa.Column("registry_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("installed_addon", sa.Column("checksum", sa.String(length=64), server_default="", nullable=False))
    op.add_column("installed_addon", sa.Column("title", sa.String(length=200), server_default="", nullable=False))
    for name in ("depends", "schema_heads"):
        op.add_column(
            "installed_addon",
            sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        )


def downgrade() -> None:
    """Undo."""
    for name in ("schema_heads", "depends", "title", "checksum"):
        op.drop_column("installed_addon", name)
    op.drop_column("registry_state", "registry_version")
    op.drop_index("uq_running_process_host_process", table_name="running_process")
    op.drop_table("running_process")
    op.drop_index("uq_applied_revision_revision", table_name="applied_revision")
    op.drop_table("applied_revision")
    op.drop_index("ix_addon_request_state", table_name="addon_request")
    op.drop_index(op.f("ix_addon_request_asked_by_id"), table_name="addon_request")
    op.drop_table("addon_request")

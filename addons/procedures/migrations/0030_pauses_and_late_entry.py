"""Pauses of tasks, late entry, and the way in which a step counts its time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0030"
down_revision = "procedures_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "procedures_procedure_step",
        sa.Column("clock_mode", sa.String(length=20), server_default="office_hours", nullable=False),
    )
    op.add_column("procedures_task", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("procedures_task", sa.Column("paused_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("procedures_task", sa.Column("entered_late_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "procedures_task_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ended_at >= begun_at", name=op.f("ck_procedures_task_pause_order")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["ab_user.id"],
            name=op.f("fk_procedures_task_pause_changed_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["ab_user.id"],
            name=op.f("fk_procedures_task_pause_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_procedures_task_pause_institution_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["procedures_task.id"], name=op.f("fk_procedures_task_pause_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedures_task_pause")),
    )
    for name in ("changed_by_id", "created_by_id", "institution_id", "task_id"):
        op.create_index(op.f(f"ix_procedures_task_pause_{name}"), "procedures_task_pause", [name], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("procedures_task_pause")
    op.drop_column("procedures_task", "entered_late_at")
    op.drop_column("procedures_task", "paused_seconds")
    op.drop_column("procedures_task", "paused_at")
    op.drop_column("procedures_procedure_step", "clock_mode")

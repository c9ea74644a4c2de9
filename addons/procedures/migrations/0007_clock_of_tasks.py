"""The clock of tasks. Tasks of before are counted by the nightly job, since only the calendar knows their seconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0007"
down_revision = "procedures_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("procedures_task", sa.Column("waiting_seconds", sa.Integer(), nullable=True))
    op.add_column("procedures_task", sa.Column("handling_seconds", sa.Integer(), nullable=True))
    op.add_column("procedures_task", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_procedures_task_durations"), "procedures_task", "waiting_seconds >= 0 AND handling_seconds >= 0"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_constraint(op.f("ck_procedures_task_durations"), "procedures_task", type_="check")
    op.drop_column("procedures_task", "due_at")
    op.drop_column("procedures_task", "handling_seconds")
    op.drop_column("procedures_task", "waiting_seconds")

"""A delegation ends when its case is handed over to another unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0042"
down_revision = "procedures_0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Delegations from before the last handover of a task that went to another position are over, and so are
    the pauses of tasks that it put back.
    """
    op.add_column("procedures_task_delegate", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE procedures_task_delegate AS named SET ended_at = handed.at
        FROM procedures_task AS task
        JOIN (SELECT case_id, max(created_at) AS at FROM procedures_handover GROUP BY case_id) AS handed
            ON handed.case_id = task.case_id
        WHERE task.id = named.task_id AND task.position_id IS NOT NULL AND named.created_at < handed.at
            AND task.state IN ('held', 'waiting', 'taken')
        """
    )
    op.execute(
        """
        UPDATE procedures_task_pause AS pause SET ended_at = greatest(pause.begun_at, handed.at)
        FROM procedures_task AS task
        JOIN (SELECT case_id, max(created_at) AS at FROM procedures_handover GROUP BY case_id) AS handed
            ON handed.case_id = task.case_id
        WHERE task.id = pause.task_id AND pause.ended_at IS NULL AND task.state = 'waiting'
        """
    )
    op.execute(
        "UPDATE procedures_task SET paused_at = NULL, paused_seconds = 0"
        " WHERE state = 'waiting' AND (paused_at IS NOT NULL OR paused_seconds > 0)"
    )


def downgrade() -> None:
    """Undo; what was over is over."""
    op.execute("UPDATE procedures_task_delegate SET date_to = ended_at::date - 1 WHERE ended_at IS NOT NULL")
    op.drop_column("procedures_task_delegate", "ended_at")

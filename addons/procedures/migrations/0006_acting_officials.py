"""In which capacity an acting official took and finished a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0006"
down_revision = "procedures_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("procedures_task", sa.Column("taken_as", sa.String(length=250), nullable=True))
    op.add_column("procedures_task", sa.Column("finished_as", sa.String(length=250), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("procedures_task", "finished_as")
    op.drop_column("procedures_task", "taken_as")

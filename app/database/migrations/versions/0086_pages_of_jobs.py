"""pages of jobs: where what a job made is to be seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0086"
down_revision = "kernel_0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("job_run", sa.Column("page", sa.String(length=300), server_default="", nullable=False))


def downgrade() -> None:
    """Undo."""
    op.drop_column("job_run", "page")

"""A way on that asks for no output when its step comes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0008"
down_revision = "procedures_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "procedures_step_branch",
        sa.Column("nothing_on_return", sa.Boolean(), server_default="false", nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("procedures_step_branch", "nothing_on_return")

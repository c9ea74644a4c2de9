"""shipped values: what data files gave last, so that a newer file is merged with what people changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0040"
down_revision = "kernel_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("external_id", sa.Column("shipped", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("external_id", sa.Column("source", sa.String(length=20), nullable=True))
    op.add_column("external_id", sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    """Undo."""
    op.drop_column("external_id", "withdrawn")
    op.drop_column("external_id", "source")
    op.drop_column("external_id", "shipped")

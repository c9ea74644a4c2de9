"""The country of a partner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "partners_0002"
down_revision = "partners_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("partners_partner", sa.Column("country", sa.String(length=2), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("partners_partner", "country")

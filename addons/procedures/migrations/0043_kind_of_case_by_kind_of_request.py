"""A kind of request says which kind of case it opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0043"
down_revision = "procedures_0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("procedures_request_kind", sa.Column("case_kind", sa.String(20), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("procedures_request_kind", "case_kind")

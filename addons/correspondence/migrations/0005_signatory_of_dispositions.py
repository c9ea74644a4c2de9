"""With which block a disposition was signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "correspondence_0005"
down_revision = "correspondence_0004"
branch_labels = None
depends_on = None

TABLE = "correspondence_disposition"


def upgrade() -> None:
    """Apply. What was given before keeps no block; its sheet looks the giver up, as it did."""
    op.add_column(TABLE, sa.Column("signatory_lines", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("signatory_name", sa.String(length=200), nullable=True))
    op.add_column(TABLE, sa.Column("signatory_rank", sa.String(length=100), nullable=True))
    op.add_column(TABLE, sa.Column("signatory_nip", sa.String(length=30), nullable=True))


def downgrade() -> None:
    """Undo."""
    for name in ("signatory_nip", "signatory_rank", "signatory_name", "signatory_lines"):
        op.drop_column(TABLE, name)

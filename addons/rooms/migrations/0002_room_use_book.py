"""Who asked for the room, and what is to stand ready in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "rooms_0002"
down_revision = "rooms_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("rooms_booking", sa.Column("requester", sa.String(length=200), nullable=True))
    op.add_column("rooms_booking", sa.Column("equipment", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("rooms_booking", "equipment")
    op.drop_column("rooms_booking", "requester")

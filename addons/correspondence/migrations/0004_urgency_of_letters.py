"""How urgent a letter is, apart from how secret it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "correspondence_0004"
down_revision = "correspondence_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "correspondence_letter",
        sa.Column("urgency", sa.String(length=20), server_default="ordinary", nullable=False),
    )
    op.alter_column("correspondence_letter", "nature", server_default="ordinary")
    op.execute("UPDATE correspondence_letter SET urgency = nature WHERE nature IN ('urgent', 'very_urgent')")
    op.execute(
        "UPDATE correspondence_letter SET nature = CASE nature WHEN 'confidential' THEN 'secret' ELSE 'ordinary' END"
    )


def downgrade() -> None:
    """Undo. The former version knows one of both: what is secret stays so, else what is urgent."""
    op.execute(
        "UPDATE correspondence_letter SET nature = CASE WHEN nature <> 'ordinary' THEN 'confidential'"
        " WHEN urgency <> 'ordinary' THEN urgency ELSE 'normal' END"
    )
    op.alter_column("correspondence_letter", "nature", server_default="normal")
    op.drop_column("correspondence_letter", "urgency")

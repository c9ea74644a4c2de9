"""institution appearance: logo and colour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0082"
down_revision = "kernel_0081"
branch_labels = None
depends_on = None

TABLE = "institution_appearance"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(length=6), server_default="", nullable=False),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        _link("institution_id", "institution.id", "RESTRICT"),
        _link("logo_id", "attachment.id", "SET NULL"),
        _link("created_by_id", "ab_user.id", "SET NULL"),
        _link("changed_by_id", "ab_user.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    for column in ("institution_id", "logo_id", "created_by_id", "changed_by_id"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])
    op.create_index(f"uq_{TABLE}_one", TABLE, ["institution_id"], unique=True)


def _link(column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"), ondelete=ondelete)


def downgrade() -> None:
    """Undo."""
    op.drop_table(TABLE)

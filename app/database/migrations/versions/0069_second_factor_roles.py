"""second factor roles: which roles let nobody work without a second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0069"
down_revision = "kernel_0060"
branch_labels = None
depends_on = None

TABLE = "second_factor_role"


def upgrade() -> None:
    """Apply."""
    people = [
        sa.ForeignKeyConstraint([name], ["ab_user.id"], name=op.f(f"fk_{TABLE}_{name}"), ondelete="SET NULL")
        for name in ("created_by_id", "changed_by_id")
    ]
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        *people,
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f(f"fk_{TABLE}_institution_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    for name in ("institution_id", "created_by_id", "changed_by_id"):
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])
    op.create_index(f"uq_{TABLE}_institution_id_role", TABLE, ["institution_id", "role"], unique=True)


def downgrade() -> None:
    """Undo: nobody is asked for a second factor because of a role."""
    op.drop_table(TABLE)

"""Versions of procedures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0010"
down_revision = "procedures_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("procedures_procedure", sa.Column("shipped_edition", sa.Integer(), nullable=True))
    op.add_column("procedures_procedure", sa.Column("previous_id", sa.Integer(), nullable=True))
    op.add_column("procedures_procedure", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("procedures_procedure", sa.Column("approved_by_id", sa.Integer(), nullable=True))
    op.add_column("procedures_procedure", sa.Column("in_force_from", sa.Date(), nullable=True))
    op.add_column("procedures_procedure", sa.Column("superseded_on", sa.Date(), nullable=True))
    op.create_index(
        op.f("ix_procedures_procedure_approved_by_id"), "procedures_procedure", ["approved_by_id"], unique=False
    )
    op.create_index(op.f("ix_procedures_procedure_previous_id"), "procedures_procedure", ["previous_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_procedures_procedure_approved_by_id"),
        "procedures_procedure",
        "ab_user",
        ["approved_by_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_procedures_procedure_previous_id"),
        "procedures_procedure",
        "procedures_procedure",
        ["previous_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.execute("UPDATE procedures_procedure SET state = 'superseded' WHERE state = 'retired'")
    # Until now every procedure came from a data file.
    op.execute("UPDATE procedures_procedure SET shipped_edition = edition")


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE procedures_procedure SET state = 'retired' WHERE state = 'superseded'")
    op.drop_constraint(op.f("fk_procedures_procedure_previous_id"), "procedures_procedure", type_="foreignkey")
    op.drop_constraint(op.f("fk_procedures_procedure_approved_by_id"), "procedures_procedure", type_="foreignkey")
    op.drop_index(op.f("ix_procedures_procedure_previous_id"), table_name="procedures_procedure")
    op.drop_index(op.f("ix_procedures_procedure_approved_by_id"), table_name="procedures_procedure")
    op.drop_column("procedures_procedure", "superseded_on")
    op.drop_column("procedures_procedure", "in_force_from")
    op.drop_column("procedures_procedure", "approved_by_id")
    op.drop_column("procedures_procedure", "approved_at")
    op.drop_column("procedures_procedure", "previous_id")
    op.drop_column("procedures_procedure", "shipped_edition")

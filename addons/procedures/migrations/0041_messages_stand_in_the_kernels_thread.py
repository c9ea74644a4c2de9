"""Messages on a case are messages on a record: they move into the kernel's thread."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0041"
down_revision = "procedures_0040"
branch_labels = None
depends_on = "kernel_0083"


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        INSERT INTO record_message
            (institution_id, model, record_id, text, created_at, created_by_id, changed_at, changed_by_id)
        SELECT institution_id, 'procedures.Case', case_id, text, created_at, created_by_id, changed_at, changed_by_id
        FROM procedures_case_message ORDER BY id
        """
    )
    op.drop_table("procedures_case_message")


def downgrade() -> None:
    """Undo; what is mentioned stays in the words, not in the table."""
    op.create_table(
        "procedures_case_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        *_keys(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedures_case_message")),
    )
    for name in ("case_id", "changed_by_id", "created_by_id", "institution_id"):
        op.create_index(op.f(f"ix_procedures_case_message_{name}"), "procedures_case_message", [name])
    op.create_index("ix_procedures_case_message_thread", "procedures_case_message", ["institution_id", "case_id", "id"])
    op.execute(
        """
        INSERT INTO procedures_case_message
            (institution_id, case_id, text, created_at, created_by_id, changed_at, changed_by_id)
        SELECT institution_id, record_id, text, created_at, created_by_id, changed_at, changed_by_id
        FROM record_message
        WHERE model = 'procedures.Case' AND record_id IN (SELECT id FROM procedures_case) ORDER BY id
        """
    )
    op.execute("DELETE FROM record_message WHERE model = 'procedures.Case'")


def _keys() -> list[sa.ForeignKeyConstraint]:
    """The foreign keys of the table as it was."""
    return [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_procedures_case_message_{name}"), ondelete=on_delete)
        for name, target, on_delete in (
            ("case_id", "procedures_case.id", "CASCADE"),
            ("changed_by_id", "ab_user.id", "SET NULL"),
            ("created_by_id", "ab_user.id", "SET NULL"),
            ("institution_id", "institution.id", "RESTRICT"),
        )
    ]

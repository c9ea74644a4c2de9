"""job progress: how far jobs are, what they are about, and the files that they made for people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0085"
down_revision = "kernel_0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("job_run", sa.Column("about", sa.String(length=200), server_default="", nullable=False))
    op.create_table(
        "job_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        _link("job_progress", "run_id", "job_run", "CASCADE"),
        *_keys("job_progress"),
    )
    _index("job_progress", "institution_id", "run_id")
    op.create_table(
        "prepared_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        _link("prepared_file", "user_id", "ab_user", "CASCADE"),
        _link("prepared_file", "run_id", "job_run", "CASCADE"),
        *_keys("prepared_file"),
    )
    _index("prepared_file", "institution_id", "user_id", "run_id")
    op.create_index("ix_prepared_file_kept_until", "prepared_file", ["institution_id", "kept_until"])
    for table in ("job_progress", "prepared_file"):
        op.create_index(f"uq_{table}_run_id", table, ["institution_id", "run_id"], unique=True)


def downgrade() -> None:
    """Undo."""
    op.drop_table("prepared_file")
    op.drop_table("job_progress")
    op.drop_column("job_run", "about")


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    primary = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    return (_link(table, "institution_id", "institution", "RESTRICT"), primary)


def _link(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])

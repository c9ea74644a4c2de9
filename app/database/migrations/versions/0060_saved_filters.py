"""saved filters: what people keep of a list, and how they want it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0060"
down_revision = "kernel_0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("page", sa.String(length=20), server_default="list", nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("sharing", sa.String(length=20), server_default="own", nullable=False),
        sa.Column("role", sa.String(length=100), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        _link("saved_filter", "created_by_id", "ab_user", "SET NULL"),
        _link("saved_filter", "changed_by_id", "ab_user", "SET NULL"),
        _link("saved_filter", "user_id", "ab_user", "CASCADE"),
        _link("saved_filter", "institution_id", "institution", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    _index("saved_filter", "institution_id", "user_id", "created_by_id", "changed_by_id")
    own = ["institution_id", "model", "user_id", "name"]
    op.create_index("uq_saved_filter_model_user_id_name", "saved_filter", own, unique=True)
    op.create_table(
        "list_preference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=True),
        sa.Column("default_filter_id", sa.Integer(), nullable=True),
        _link("list_preference", "user_id", "ab_user", "CASCADE"),
        _link("list_preference", "default_filter_id", "saved_filter", "SET NULL"),
        _link("list_preference", "institution_id", "institution", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_preference")),
    )
    _index("list_preference", "institution_id", "user_id", "default_filter_id")
    person = ["institution_id", "user_id", "model"]
    op.create_index("uq_list_preference_user_id_model", "list_preference", person, unique=True)


def _link(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Undo."""
    op.drop_table("list_preference")
    op.drop_table("saved_filter")

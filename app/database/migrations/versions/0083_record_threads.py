"""record threads: messages, followers and planned activities of records."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0083"
down_revision = "kernel_0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "record_message",
        *_about_a_record(),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        *_audited("record_message"),
        *_keys("record_message"),
    )
    _index("record_message", "institution_id", "created_by_id", "changed_by_id")
    thread = ["institution_id", "model", "record_id", "id"]
    op.create_index("ix_record_message_thread", "record_message", thread)
    op.create_table(
        "record_follower",
        *_about_a_record(),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Boolean(), server_default="true", nullable=False),
        _link("record_follower", "user_id", "ab_user", "CASCADE"),
        *_keys("record_follower"),
    )
    _index("record_follower", "institution_id", "user_id")
    person = ["institution_id", "model", "record_id", "user_id"]
    op.create_index("uq_record_follower_model_record_id_user_id", "record_follower", person, unique=True)
    op.create_table(
        "record_activity",
        *_about_a_record(),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="open", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        *_audited("record_activity"),
        sa.CheckConstraint("outcome IN ('open', 'done', 'cancelled')", name=op.f("ck_record_activity_outcome")),
        _link("record_activity", "assignee_id", "ab_user", "CASCADE"),
        _link("record_activity", "settled_by_id", "ab_user", "SET NULL"),
        *_keys("record_activity"),
    )
    _index("record_activity", "institution_id", "assignee_id", "settled_by_id", "created_by_id", "changed_by_id")
    op.create_index("ix_record_activity_thread", "record_activity", thread)
    work = ["institution_id", "assignee_id", "outcome", "deadline"]
    op.create_index("ix_record_activity_work", "record_activity", work)


def downgrade() -> None:
    """Undo."""
    op.drop_table("record_activity")
    op.drop_table("record_follower")
    op.drop_table("record_message")


def _about_a_record() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
    )


def _audited(table: str) -> tuple[sa.Column[Any] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        _link(table, "created_by_id", "ab_user", "SET NULL"),
        _link(table, "changed_by_id", "ab_user", "SET NULL"),
    )


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    primary = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    return (_link(table, "institution_id", "institution", "RESTRICT"), primary)


def _link(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])

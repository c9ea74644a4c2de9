"""notifications: what people are told, and whether they want it by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0080"
down_revision = "kernel_0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("addon", sa.String(length=60), server_default="kernel", nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        *_owners("notification"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    _indexes("notification")
    op.create_index("ix_notification_user_id_id", "notification", ["institution_id", "user_id", "id"])
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_notification_unread", "notification", ["institution_id", "user_id"], postgresql_where=unread)
    columns = ["institution_id", "user_id", "key"]
    op.create_index("uq_notification_user_id_key", "notification", columns, unique=True)
    op.create_table(
        "notification_preference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), server_default="false", nullable=False),
        *_owners("notification_preference"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_preference")),
    )
    _indexes("notification_preference")
    op.create_index(
        "uq_notification_preference_user_id", "notification_preference", ["institution_id", "user_id"], unique=True
    )


def _owners(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f(f"fk_{table}_institution_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f(f"fk_{table}_user_id"), ondelete="CASCADE"),
    )


def _indexes(table: str) -> None:
    for column in ("institution_id", "user_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Undo."""
    op.drop_table("notification_preference")
    op.drop_table("notification")

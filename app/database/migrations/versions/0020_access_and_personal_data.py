"""access and personal data: scope of changed rights, own roles, viewing as, shown personal data, erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0020"
down_revision = "kernel_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("access_override", sa.Column("scope", sa.String(length=100), server_default="", nullable=False))
    op.alter_column("access_override", "operation", type_=sa.String(length=120))
    _own_roles()
    _viewing_as()
    _personal_data()


def _own_roles() -> None:
    op.create_table(
        "institution_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        *_audited("institution_role"),
        _institution("institution_role"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_role")),
    )
    _index("institution_role", "institution_id", "created_by_id", "changed_by_id")
    columns = ["institution_id", "name"]
    op.create_index("uq_institution_role_institution_id_name", "institution_role", columns, unique=True)


def _viewing_as() -> None:
    op.create_table(
        "impersonation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _institution("impersonation"),
        _person("impersonation", "actor_id", "CASCADE"),
        _person("impersonation", "user_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impersonation")),
    )
    _index("impersonation", "institution_id", "actor_id", "user_id")
    op.create_index("ix_impersonation_began_at", "impersonation", ["institution_id", "began_at"])


def _personal_data() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("paper", sa.String(length=200), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _institution("disclosure"),
        _person("disclosure", "user_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    _index("disclosure", "institution_id", "user_id")
    op.create_index("ix_disclosure_at", "disclosure", ["institution_id", "at"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="requested", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default="{}", nullable=False),
        *_audited("erasure"),
        _institution("erasure"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    _index("erasure", "institution_id", "created_by_id", "changed_by_id")
    op.create_index("ix_erasure_state", "erasure", ["institution_id", "state"])


def _audited(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        _person(table, "created_by_id", "SET NULL"),
        _person(table, "changed_by_id", "SET NULL"),
    )


def _person(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["ab_user.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _institution(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_institution_id")
    return sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=name, ondelete="RESTRICT")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Undo. Rights over some rows or columns and the institutions' own roles are gone with what knew them."""
    for table in ("erasure", "disclosure", "impersonation", "institution_role"):
        op.drop_table(table)
    op.execute("DELETE FROM access_override WHERE scope <> '' OR length(operation) > 60")
    op.alter_column("access_override", "operation", type_=sa.String(length=60))
    op.drop_column("access_override", "scope")

"""Service promises from any event to any event of a case: steps, letters and other records, opening and closing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "procedures_0040"
down_revision = "procedures_0031"
branch_labels = None
depends_on = None

OF_REQUESTS = ("received", "responded", "followed_up", "draft_sent", "case_opened", "settled")
PROMISE = sa.table("procedures_service_promise", sa.column("id"), sa.column("start_event"), sa.column("stop_event"))
CLOCK = sa.table("procedures_promise_clock", sa.column("promise_id"))


def upgrade() -> None:
    """Apply."""
    for name in ("start_event", "stop_event"):
        op.alter_column("procedures_service_promise", name, type_=sa.String(length=120), existing_nullable=False)
    op.add_column("procedures_service_promise", sa.Column("procedure_id", sa.Integer(), nullable=True))
    op.add_column("procedures_service_promise", sa.Column("start_step", sa.String(length=20), nullable=True))
    op.add_column("procedures_service_promise", sa.Column("stop_step", sa.String(length=20), nullable=True))
    op.add_column(
        "procedures_service_promise", sa.Column("without_pauses", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_index(
        op.f("ix_procedures_service_promise_procedure_id"), "procedures_service_promise", ["procedure_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_procedures_service_promise_procedure_id"),
        "procedures_service_promise",
        "procedures_procedure",
        ["procedure_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.alter_column("procedures_promise_clock", "request_id", existing_type=sa.Integer(), nullable=True)
    op.add_column("procedures_promise_clock", sa.Column("case_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_procedures_promise_clock_case_id"), "procedures_promise_clock", ["case_id"], unique=False)
    op.create_index(
        "uq_procedures_promise_clock_promise_id_case_id",
        "procedures_promise_clock",
        ["institution_id", "promise_id", "case_id"],
        unique=True,
    )
    op.create_foreign_key(
        op.f("fk_procedures_promise_clock_case_id"),
        "procedures_promise_clock",
        "procedures_case",
        ["case_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        op.f("ck_procedures_promise_clock_subject"),
        "procedures_promise_clock",
        "request_id IS NOT NULL OR case_id IS NOT NULL",
    )


def downgrade() -> None:
    """Undo; promises that begin or end with a case go, with their clocks."""
    op.drop_constraint(op.f("ck_procedures_promise_clock_subject"), "procedures_promise_clock", type_="check")
    op.drop_constraint(op.f("fk_procedures_promise_clock_case_id"), "procedures_promise_clock", type_="foreignkey")
    op.drop_index("uq_procedures_promise_clock_promise_id_case_id", table_name="procedures_promise_clock")
    op.drop_index(op.f("ix_procedures_promise_clock_case_id"), table_name="procedures_promise_clock")
    other = PROMISE.c.start_event.not_in(OF_REQUESTS) | PROMISE.c.stop_event.not_in(OF_REQUESTS)
    op.execute(CLOCK.delete().where(CLOCK.c.promise_id.in_(sa.select(PROMISE.c.id).where(other))))
    op.execute(PROMISE.delete().where(other))
    op.drop_column("procedures_promise_clock", "case_id")
    op.alter_column("procedures_promise_clock", "request_id", existing_type=sa.Integer(), nullable=False)
    op.drop_constraint(
        op.f("fk_procedures_service_promise_procedure_id"), "procedures_service_promise", type_="foreignkey"
    )
    op.drop_index(op.f("ix_procedures_service_promise_procedure_id"), table_name="procedures_service_promise")
    for name in ("without_pauses", "stop_step", "start_step", "procedure_id"):
        op.drop_column("procedures_service_promise", name)
    for name in ("start_event", "stop_event"):
        op.alter_column("procedures_service_promise", name, type_=sa.String(length=40), existing_nullable=False)

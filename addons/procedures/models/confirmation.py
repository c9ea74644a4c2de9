"""Doubtful values of a procedure: what the paper literally says, how sure the reading is, and who confirmed it."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure import IDENTITY, IDENTITY_TABLES, Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import Record, Transition, column, reference
from app.addon import lazy_gettext as _l

STATES = {"open": _l("Needs confirmation"), "confirmed": _l("Confirmed")}
CONFIDENCES = {
    "unknown": _l("Unknown"),
    "low": _l("Low"),
    "medium": _l("Medium"),
    "high": _l("High"),
    "certain": _l("Certain"),
}
VALUES = {
    **IDENTITY,
    **IDENTITY_TABLES,
    "footnotes": _l("Footnotes"),
    "flow_chart": _l("Flow chart"),
    "records": _l("Recording"),
    "title": _l("Title"),
    "retention": _l("Retention"),
    "executors": _l("Executors"),
    "key": _l("Number"),
    "activity": _l("Activity"),
    "executor": _l("Executor"),
    "standard_minutes": _l("Standard time"),
    "symbol": _l("Symbol"),
    "remark": _l("Remark"),
    "question": _l("Question"),
    "papers": _l("Papers"),
    "outputs": _l("Outputs"),
    "branches": _l("Branches"),
}
"""What a doubtful value belongs to, by the first part of its path."""


class Confirmation(Record):
    """One value that was read with doubt or added by us ("perlu konfirmasi")."""

    __title__ = _l("Value to confirm")
    __plural__ = _l("Values to confirm")
    __display__ = "value_name"
    __labels__ = {"value_name": _l("Value")}
    __reads__ = {"value_name": ("field",)}
    __transitions__ = (Transition("confirm", _l("Confirm"), ("open",), "confirmed"),)

    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"), ondelete="CASCADE")
    step_id: Mapped[int | None] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    field: Mapped[str] = column(String(100), label=_l("Value"))
    literal: Mapped[str | None] = column(Text, label=_l("As printed"))
    confidence: Mapped[str] = column(String(20), label=_l("Confidence"), choices=CONFIDENCES, default="unknown")
    candidates: Mapped[list[Any]] = column(JSONB, label=_l("Candidates"), default=list, server_default="[]")
    note: Mapped[str | None] = column(Text, label=_l("Note"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="open", server_default="open")
    confirmed_value: Mapped[str | None] = column(Text, label=_l("Confirmed value"))
    confirmed_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Confirmed at"))
    confirmed_by_id: Mapped[int | None] = reference("ab_user.id", label=_l("Confirmed by"), ondelete="SET NULL")

    procedure: Mapped[Procedure] = relationship(back_populates="confirmations")
    step: Mapped[ProcedureStep | None] = relationship()
    confirmed_by: Mapped["User | None"] = relationship(foreign_keys=[confirmed_by_id])  # type: ignore[name-defined]  # FAB's user, by name

    @property
    def value_name(self) -> str:
        """What the value belongs to, for people: the part of the procedure, and which of several."""
        return field_name(self.field)

    @property
    def place(self) -> int:
        """Where it stands in the procedure: 0 for the identity block, then the steps in order."""
        return self.step.place + 1 if self.step is not None else 0


def field_name(field: str) -> str:
    """What the value at ``field`` is called: ``Branches · not continued``."""
    first, _dot, rest = field.removeprefix("identity.").partition(".")
    return " · ".join([str(VALUES.get(first, first)), *([_readable(rest)] if rest else [])])


def _readable(path: str) -> str:
    return path.removesuffix(".name").replace("_", " ")

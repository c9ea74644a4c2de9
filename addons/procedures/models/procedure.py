"""A written procedure (SOP AP, IK, PR) as data."""

from datetime import date, datetime
from typing import Any, Optional

from sqlalchemy import Date, DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from app.addon import Record, Transition, column, reference, unique
from app.addon import lazy_gettext as _l

IDENTITY = {
    "authority": _l("Authority"),
    "unit": _l("Unit"),
    "number": _l("Number"),
    "made_on": _l("Date made"),
    "revised_on": _l("Date revised"),
    "effective_on": _l("Date effective"),
    "approved_by": _l("Approved by"),
    "year": _l("Year"),
    "stamp": _l("Stamp"),
    "purpose": _l("Purpose"),
    "scope": _l("Area of application"),
    "legal_basis": _l("Legal basis"),
    "qualifications": _l("Qualifications of the executors"),
    "related": _l("Related procedures"),
    "equipment": _l("Equipment"),
    "warnings": _l("Warnings"),
}
"""The parts of the identity block, in the order of the official form; work instructions and procedures of a quality
system have some more (year, stamp, purpose, scope).
"""
IDENTITY_TABLES = {
    "sections": _l("Sections"),
    "signers": _l("Signers"),
    "indicators": _l("Indicators"),
    "storage": _l("Storage of data"),
}
"""Parts of the identity block that are tables: lists of rows with named cells."""
TABLE_CELLS = {
    "sections": {"key": _l("Begins the numbers"), "title": _l("Title")},
    "signers": {"role": _l("Role"), "name": _l("Name"), "nip": _l("NIP")},
    "indicators": {"code": _l("Code"), "text": _l("Indicator")},
    "storage": {"name": _l("Data"), "file": _l("Form"), "place": _l("Place"), "years": _l("Kept for")},
}
"""The cells of their rows, as the layouts print them."""

STATES = {
    "draft": _l("Draft"),
    "approved": _l("Officially approved"),
    "scheduled": _l("Comes into force"),
    "in_force": _l("In force"),
    "superseded": _l("Superseded"),
    "withdrawn": _l("Withdrawn"),
}
PUBLISHED = ("in_force", "superseded")
"""States of versions on which cases were worked; figures call steps by their words and measure by their times."""


class Procedure(Record):
    """One version of a procedure. ``identity`` is the identity block of the official form (Permenpan-RB 35/2012).

    ``edition`` is the number of the version; ``shipped_edition`` the edition of the data file that brought it.
    """

    __title__ = _l("Procedure")
    __plural__ = _l("Procedures")
    __display__ = "title"
    __constraints__ = (unique("code", "edition"),)
    __offered_states__ = ("in_force",)
    __transitions__ = (
        Transition("approve", _l("Approve"), ("draft",), "approved", confirm=_l("Approve this version?")),
        Transition("schedule", _l("Put in force"), ("approved",), "scheduled", asks=("in_force_from",)),
        Transition("unschedule", _l("Do not put in force yet"), ("scheduled",), "approved", primary=False),
        Transition("reopen", _l("Back to draft"), ("approved",), "draft", primary=False),
        Transition(
            "withdraw", _l("Withdraw the draft"), ("draft",), "withdrawn", confirm=_l("Withdraw it?"), primary=False
        ),
    )

    code: Mapped[str] = column(String(60), label=_l("Code"))
    edition: Mapped[int] = column(label=_l("Edition"), default=1, server_default="1")
    title: Mapped[str] = column(String(300), label=_l("Title"))
    kind: Mapped[str] = column(String(60), label=_l("Kind of document"), default="SOP AP", server_default="SOP AP")
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="in_force", server_default="in_force"
    )
    identity: Mapped[dict[str, Any]] = column(JSONB, label=_l("Identity"), default=dict, server_default="{}")
    start_key: Mapped[str] = column(String(20), label=_l("First step"))

    shipped_edition: Mapped[int | None] = column(label=_l("Edition of the data file"))
    previous_id: Mapped[int | None] = reference(
        "procedures_procedure.id", label=_l("Drafted from"), ondelete="SET NULL"
    )
    approved_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Approved at"))
    approved_by_id: Mapped[int | None] = reference("ab_user.id", label=_l("Approved by"), ondelete="SET NULL")
    in_force_from: Mapped[date | None] = column(
        Date, label=_l("In force from"), help=_l("A later day waits until then; empty means today.")
    )
    superseded_on: Mapped[date | None] = column(Date, label=_l("Superseded on"))

    previous: Mapped[Optional["Procedure"]] = relationship(remote_side="Procedure.id")
    approver: Mapped["User | None"] = relationship(foreign_keys="Procedure.approved_by_id")  # type: ignore[name-defined]  # FAB's user, by name
    executors: Mapped[list["ProcedureExecutor"]] = relationship(
        back_populates="procedure", order_by="ProcedureExecutor.place", cascade="all, delete-orphan"
    )
    steps: Mapped[list["ProcedureStep"]] = relationship(
        back_populates="procedure", order_by="ProcedureStep.place", cascade="all, delete-orphan"
    )
    kept_records: Mapped[list["KeptRecord"]] = relationship(
        back_populates="procedure", order_by="KeptRecord.place", cascade="all, delete-orphan"
    )
    confirmations: Mapped[list["Confirmation"]] = relationship(back_populates="procedure", cascade="all, delete-orphan")

"""Versions of a procedure: drafted, approved, in force from a day, superseded. Running cases end on theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from addons.procedures.models.procedure import Procedure
from app.addon import Conflict, Invalid, RecordService, as_system, clock, current_scope, today_here
from app.addon import lazy_gettext as _l


class ProcedureService(RecordService):
    """The life of a version. What it says is changed by `procedure_editing`, and only while it is a draft."""

    model = Procedure

    def transition(self, record: Procedure, name: str, values: Mapping[str, Any] | None = None) -> Procedure:
        """Approve, put in force on a day, or take back one of these; withdraw a draft."""
        self.find_transition(name)
        with self.saving(record):
            if name == "approve":
                self._refuse_faulty(record)
            super().transition(record, name, values)
            if name == "approve":
                scope = current_scope(self.session)
                record.approved_at, record.approved_by_id = clock.now(), scope.user_id if scope else None
            elif name == "schedule":
                self._schedule(record)
            elif name == "unschedule":
                record.in_force_from = None
            elif name == "reopen":
                record.approved_at = record.approved_by_id = None
            elif name == "withdraw":
                record.active = False
        return record

    def before_update(self, record: Procedure) -> None:
        """What is approved no longer changes."""
        refuse_unless_draft(record)

    def archive(self, record: Procedure) -> None:
        """Put a procedure away; a version on its way is taken back first."""
        if record.state in {"approved", "scheduled"}:
            raise Conflict(_l("This version is approved; take it back to draft first."), code="approved")
        super().archive(record)

    def restore(self, record: Procedure) -> None:
        """Bring back what was put away in force; a version that was superseded or withdrawn stays history."""
        if record.state in {"superseded", "withdrawn"}:
            raise Conflict(_l("This version is history; draft a new one from it."), code="history")
        super().restore(record)

    def _schedule(self, record: Procedure) -> None:
        today = today_here()
        record.in_force_from = record.in_force_from or today
        if record.in_force_from < today:
            message = _l("A version comes into force today or later: cases of earlier days ran on the one before.")
            raise Invalid(message, {"in_force_from": [message]})
        if record.in_force_from == today:
            come_into_force(self.session, record)

    def _refuse_faulty(self, record: Procedure) -> None:
        from addons.procedures.services.procedure_check import problems_of

        errors = [problem for problem in problems_of(record) if problem.is_error]
        if errors:
            message = _l(
                "This version cannot be approved yet: %(problems)s",
                problems=" · ".join(str(item) for item in errors[:5]),
            )
            raise Invalid(message, {"steps": [str(item) for item in errors]})


def in_force(session: Session, code: str) -> Procedure | None:
    """The version of ``code`` on which new cases begin."""
    with as_system(session, "all versions of a procedure count, whoever may read them"):
        statement = select(Procedure).where(Procedure.code == code, Procedure.state == "in_force", Procedure.active)
        return session.scalars(statement.order_by(Procedure.edition.desc()).limit(1)).first()


def versions_of(session: Session, code: str) -> list[Procedure]:
    """Every version of ``code`` that the person may read, the newest first."""
    statement = select(Procedure).where(Procedure.code == code).order_by(Procedure.edition.desc())
    return list(session.scalars(statement.options(joinedload(Procedure.approver))))


def free_edition(session: Session, code: str, wish: int = 1) -> int:
    """The number of a new version of ``code``: ``wish``, unless it or a higher one is taken."""
    with as_system(session, "all versions of a procedure count, whoever may read them"):
        newest = session.scalar(select(func.max(Procedure.edition)).where(Procedure.code == code))
    return max(wish, (newest or 0) + 1)


def come_into_force(session: Session, procedure: Procedure) -> None:
    """Make ``procedure`` the version on which cases begin, in place of the one before."""
    with as_system(session, "all versions of a procedure count, whoever may read them"):
        same = select(Procedure).where(Procedure.code == procedure.code).order_by(Procedure.id)
        # Two versions on one day: the first row of the code is held, so that one comes after the other.
        session.scalars(same.limit(1).with_for_update(of=Procedure)).all()
        for other in session.scalars(same.where(Procedure.state == "in_force", Procedure.id != procedure.id)):
            other.state, other.active, other.superseded_on = "superseded", False, _today(session)
    procedure.state = "in_force"
    procedure.in_force_from = procedure.in_force_from or _today(session)
    session.flush()


def _today(session: Session) -> date:
    """Today in the institution's zone; a new release brings editions before there is an application to ask."""
    scope = current_scope(session)
    return clock.today(scope.timezone if scope else "Asia/Jakarta")


def put_due_in_force(session: Session) -> None:
    """Put in force what is due today, the older version first: the institution's day decides."""
    statement = select(Procedure).where(
        Procedure.state == "scheduled", Procedure.active, Procedure.in_force_from <= today_here()
    )
    for procedure in session.scalars(statement.order_by(Procedure.in_force_from, Procedure.edition)).all():
        come_into_force(session, procedure)


def refuse_unless_draft(procedure: Procedure) -> None:
    """Raise `Conflict` for a version that is no draft (any more)."""
    if procedure.state != "draft" or not procedure.active:
        message = _l("Only a draft can be changed. Draft a new version from this one.")
        raise Conflict(message, code="not_draft")

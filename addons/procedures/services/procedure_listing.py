"""Procedures for programs: one line per version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.procedure_version import in_force


def listed(session: Session) -> list[dict[str, Any]]:
    """Every version of the institution, by code and number."""
    count = func.count(ProcedureStep.id)
    statement = (
        select(Procedure, count)
        .outerjoin(ProcedureStep, ProcedureStep.procedure_id == Procedure.id)
        .group_by(Procedure.id)
        .order_by(Procedure.code, Procedure.edition)
    )
    return [
        {
            "code": procedure.code,
            "title": procedure.title,
            "version": procedure.edition,
            "state": procedure.state,
            "steps": steps,
            "in_force_from": procedure.in_force_from.isoformat() if procedure.in_force_from else None,
        }
        for procedure, steps in session.execute(statement)
    ]


def find_version(session: Session, code: str, edition: int | None) -> Procedure | None:
    """The version ``edition`` of ``code``, or the one in force, or else the newest."""
    same = select(Procedure).where(Procedure.code == code)
    if edition is not None:
        return session.scalar(same.where(Procedure.edition == edition))
    return in_force(session, code) or session.scalar(same.order_by(Procedure.edition.desc()).limit(1))

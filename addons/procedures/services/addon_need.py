"""Open cases that could not go on without an addon: asked before it is switched off or retired."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from addons.procedures.models.case import Case
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_output import StepOutput
from app.addon import addon_need, brought_ids, ngettext

SHOWN = 5


@addon_need
def open_cases(session: Session, addon: str) -> Iterator[str]:
    """One sentence per procedure that the addon brought, or whose steps ask for its records, with its open cases."""
    brought = select(Procedure.code).where(Procedure.id.in_(brought_ids(session, addon, "procedures.Procedure")))
    asks = (
        select(ProcedureStep.procedure_id)
        .join(StepOutput, StepOutput.step_id == ProcedureStep.id)
        .where(StepOutput.kind.startswith(f"{addon}.", autoescape=True))
    )
    open_ones = select(Case).join(Case.procedure).where(Case.state == "open", Case.active).order_by(Case.id)
    if addon != "procedures":
        open_ones = open_ones.where(or_(Procedure.code.in_(brought), Procedure.id.in_(asks)))
    found: dict[str, list[str]] = {}
    for case in session.scalars(open_ones):
        found.setdefault(case.procedure.title, []).append(case.number)
    for title, numbers in found.items():
        more = " …" if len(numbers) > SHOWN else ""
        yield ngettext(
            "%(num)s open case runs on “%(procedure)s”: %(numbers)s",
            "%(num)s open cases run on “%(procedure)s”: %(numbers)s",
            len(numbers),
            procedure=title,
            numbers=", ".join(numbers[:SHOWN]) + more,
        )

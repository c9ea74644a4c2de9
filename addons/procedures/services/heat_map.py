"""The heat map of a procedure: its flow chart, each step as hot as its 90th percentile lies beyond what may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.procedures.models.procedure import PUBLISHED, Procedure
from addons.procedures.services.figures import Figure, step_heat
from addons.procedures.services.procedure_chart import Chart, chart_of
from addons.procedures.services.procedure_document import document_of, steps_of
from addons.procedures.services.procedure_version import in_force
from app.addon import format_number
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

DEGREES = (
    _l("up to three quarters of the standard time"),
    _l("up to the standard time"),
    _l("up to one and a half times the standard time"),
    _l("up to three times the standard time"),
    _l("more than three times the standard time"),
)
"""What each degree of heat says of the 90th percentile."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """``chart`` with its steps marked; by the key of a step ``notes`` stand in its symbol, ``words`` say them whole."""

    chart: Chart
    edition: int
    notes: dict[str, str]
    words: dict[str, str]


def heat_map(session: Session, code: str, lines: Sequence[Figure]) -> HeatMap | None:
    """The version of ``code`` in force as a chart, coloured by ``lines`` (its figures by step); a step at which nothing
    was done has no colour. None: there is no version that ever was in force.
    """
    procedure = in_force(session, code) or session.scalar(
        select(Procedure)
        .where(Procedure.code == code, Procedure.state.in_(PUBLISHED))
        .order_by(Procedure.edition.desc())
        .limit(1)
    )
    if procedure is None:
        return None
    heat = step_heat(session, code, lines)
    minutes = {line.key: line.p90_minutes for line in lines if line.p90_minutes is not None}
    marks = {key: f"is-hot heat-{heat[key]}" for key in minutes}
    words = {key: _words(number, heat[key]) for key, number in minutes.items()}
    notes = {key: _("%(number)s min", number=format_number(number)) for key, number in minutes.items()}
    chart = chart_of(document_of(procedure, steps=steps_of(procedure)), marks)
    return HeatMap(chart, procedure.edition, notes, words)


def _words(minutes: float, degree: int) -> str:
    text = _("90th percentile %(number)s minutes, heat %(degree)d of 4", number=format_number(minutes), degree=degree)
    return f"{text}: {DEGREES[degree]}"

"""The report to the head on paper."""

from typing import Any

from addons.organization.services.letterhead import letterhead_lines, letterhead_of
from addons.procedures.models.case import Case
from app.addon import Printed, as_system, db, format_date, names_of, official_language, render_pdf, seen

TEMPLATE = "unair.cooperation_report"


def report_pdf(report: Any) -> Printed:
    """The report as PDF, under the letterhead of the unit in charge of its case."""
    shown = seen(report)
    with official_language():
        return render_pdf(TEMPLATE, {**_head(report.case), **_body(report, shown)}, str(shown.title))


def _head(case: Case | None) -> dict[str, Any]:
    with as_system(db.session(), "a paper carries its letterhead, whoever prints it"):
        unit = case.unit if case is not None else None
        partner = case.partner if case is not None else None
    return {
        "letterhead": letterhead_lines(unit, letterhead_of(unit.id if unit is not None else None)),
        "case": case.number if case is not None else None,
        "partner": str(partner) if partner is not None else None,
    }


def _body(report: Any, shown: Any) -> dict[str, Any]:
    writer = report.created_by_id
    return {
        "title": shown.title,
        "day": format_date(shown.reported_on),
        "course": shown.course,
        "outcome": shown.outcome,
        "advice": shown.advice,
        "draft": report.state == "draft",
        "writer": names_of({writer}).get(writer or 0),
    }

"""Reports to the head of the library (IK 1c and 2b)."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from addons.procedures.models.joins_case import JoinsCase
from addons.unair.services.report_steps import refuse_empty_report
from app.addon import Record, Transition, column, index
from app.addon import lazy_gettext as _l

KINDS = {
    "negotiation": _l("Coordination and negotiation with the partner (1c)"),
    "age": _l("Coordination with AGE (2b)"),
}
STATES = {"draft": _l("Draft"), "submitted": _l("Submitted")}


class CooperationReport(JoinsCase, Record):
    """What Humas reports to the head, who decides on it. It begins with a template made of the rounds of the case."""

    __title__ = _l("Report to the head")
    __plural__ = _l("Reports to the head")
    __display__ = "title"
    __constraints__ = (index("reported_on"),)
    __transitions__ = (
        Transition("submit", _l("Submit to the head"), ("draft",), "submitted", guard=refuse_empty_report),
        Transition("take_back", _l("Back to draft"), ("submitted",), "draft", primary=False),
    )

    title: Mapped[str] = column(String(300), label=_l("Title"))
    kind: Mapped[str] = column(
        String(20), label=_l("Kind of report"), choices=KINDS, default="negotiation", server_default="negotiation"
    )
    reported_on: Mapped[date] = column(label=_l("Date of the report"))
    course: Mapped[str | None] = column(Text, multiline=True, label=_l("Course of the coordination"))
    outcome: Mapped[str | None] = column(Text, multiline=True, label=_l("Results"))
    advice: Mapped[str | None] = column(Text, multiline=True, label=_l("Advice to the head"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="draft", server_default="draft")

"""Plans: what Staf Kerjasama prepares and Kapokja coordinates (PR.28.3, first and second activity)."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.polibatam.services.plan_steps import refuse_uncoordinated
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, Transition, column, index
from app.addon import lazy_gettext as _l

KINDS = {
    "scheduling": _l("Scheduling"),
    "meeting": _l("Meeting"),
    "other": _l("Other, as needed"),
}
"""What a plan may be, as the procedure prints it."""
STATES = {"planned": _l("Planned"), "coordinated": _l("Coordinated")}


class ActivityPlan(JoinsCase, Record):
    """What is to be done in a cooperation, who takes part, and what the coordination brought."""

    __title__ = _l("Activity plan")
    __plural__ = _l("Activity plans")
    __display__ = "title"
    __constraints__ = (index("planned_on"),)
    __transitions__ = (
        Transition(
            "coordinate", _l("Record the coordination"), ("planned",), "coordinated", guard=refuse_uncoordinated
        ),
        Transition("replan", _l("Plan again"), ("coordinated",), "planned", primary=False),
    )

    title: Mapped[str] = column(String(300), label=_l("Title"))
    kind: Mapped[str] = column(
        String(20), label=_l("Kind of plan"), choices=KINDS, default="meeting", server_default="meeting"
    )
    planned_on: Mapped[date] = column(label=_l("Planned for"))
    place: Mapped[str | None] = column(String(200), label=_l("Place"))
    description: Mapped[str | None] = column(Text, multiline=True, label=_l("Plan"))
    minutes: Mapped[str | None] = column(
        Text,
        multiline=True,
        label=_l("Minutes of the coordination"),
        help=_l("What the coordination with partner and units brought."),
    )
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="planned", server_default="planned"
    )

    participants: Mapped[list["PlanParticipant"]] = relationship(  # type: ignore[name-defined]  # declared beside it
        back_populates="plan",
        order_by="PlanParticipant.id",
        primaryjoin="and_(PlanParticipant.plan_id == ActivityPlan.id, PlanParticipant.active)",
    )

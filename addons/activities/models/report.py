"""Reports: what an activity brought and what follows from it (SOP Kendal, output of step 10)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.activities.models.activity import Activity
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, check, column, index, reference, unique_active
from app.addon import lazy_gettext as _l


class Report(JoinsCase, Record):
    """The report on an activity that was held; each activity has one."""

    __title__ = _l("Activity report")
    __plural__ = _l("Activity reports")
    __display__ = "title"
    __constraints__ = (
        unique_active("activity_id"),
        index("reported_on"),
        check("participants_count", "participants_count >= 0"),
    )

    activity_id: Mapped[int] = reference("activities_activity.id", label=_l("Activity"))
    title: Mapped[str] = column(
        String(200), label=_l("Title"), help=_l("Left empty, the activity's title is taken."), required=False
    )
    summary: Mapped[str] = column(Text, label=_l("Summary"), multiline=True)
    participants_count: Mapped[int | None] = column(
        label=_l("Participants who came"), help=_l("Left empty, the people on the attendance list are counted.")
    )
    follow_up: Mapped[str | None] = column(
        Text,
        label=_l("Follow-up"),
        help=_l("Collaboration activities that follow from this one."),
        multiline=True,
    )
    reported_on: Mapped[date] = column(
        Date, label=_l("Reported on"), help=_l("Left empty, today is taken."), required=False
    )

    activity: Mapped[Activity] = relationship()

"""Attendance: who came to an activity (SOP Kendal, record 6 "Buku/Aplikasi Presensi", kept at step 10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.activities.models.activity import Activity
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, column, index, reference, unique_active
from app.addon import lazy_gettext as _l


class Attendance(JoinsCase, Record):
    """One person who came to an activity; ``person_key`` is what two entries of the same person have in common."""

    __title__ = _l("Attendance")
    __plural__ = _l("Attendance")
    __constraints__ = (unique_active("activity_id", "person_key"), index("name"), index("arrived_at"))

    activity_id: Mapped[int] = reference("activities_activity.id", label=_l("Activity"))
    name: Mapped[str] = column(String(150), label=_l("Name"), personal="name")
    organisation: Mapped[str | None] = column(
        String(200), label=_l("Organisation or origin"), help=_l("School, office, community or village.")
    )
    position: Mapped[str | None] = column(String(150), label=_l("Position or class"))
    contact: Mapped[str | None] = column(
        String(150),
        label=_l("Phone or e-mail"),
        help=_l("Only if needed; it is shown in no list and on no paper."),
        personal=True,
    )
    arrived_at: Mapped[datetime | None] = column(
        DateTime(timezone=True),
        label=_l("Time of arrival"),
        help=_l("Left empty until the activity ends, the present time is taken."),
    )
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
    person_key: Mapped[str] = column(String(720), label=_l("Person as compared"), personal="name")

    activity: Mapped[Activity] = relationship()

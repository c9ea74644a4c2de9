"""Activities: what a cooperation leads to (SOP Kendal, step 10)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, String, Text, func, select
from sqlalchemy.orm import Mapped, object_session, relationship

from addons.activities.models.activity_kind import ActivityKind
from addons.agreements.models.agreement import Agreement
from addons.organization.models.unit import Unit
from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import JoinsCase
from addons.rooms.models.booking import Booking
from app.addon import (
    Conflict,
    Record,
    Transition,
    as_system,
    check,
    column,
    current_scope,
    index,
    models,
    reference,
    service_of,
    today_here,
)
from app.addon import lazy_gettext as _l

STATES = {
    "planned": _l("Planned"),
    "held": _l("Held"),
    "reported": _l("Reported"),
    "cancelled": _l("Cancelled"),
}


def first_day(activity: Activity) -> date:
    """The calendar day, in the institution's zone, on which the activity begins."""
    return local_day(activity, activity.starts_at)


def local_day(activity: Activity, moment: datetime) -> date:
    """The calendar day of ``moment`` in the zone of the activity's institution."""
    zone = current_scope(object_session(activity)).timezone
    return moment.astimezone(ZoneInfo(zone)).date()


def require_begun(activity: Activity) -> None:
    """What lies in the future was not held."""
    if first_day(activity) > today_here():
        raise Conflict(_l("The day of this activity has not come yet."), code="too_early")


def require_report(activity: Activity) -> None:
    """An activity counts as reported when its report exists."""
    report = models["activities.Report"]
    session = object_session(activity)
    with as_system(session, "a report counts, whoever may read it"):
        found = session.scalar(select(report.id).where(report.activity_id == activity.id, report.active))
    if found is None:
        raise Conflict(_l("This activity has no report yet."), code="report_missing")


def require_nobody_came(activity: Activity) -> None:
    """What people came to was held; it is not cancelled."""
    if activity.present:
        message = _l("People are on the attendance list of this activity; mark it as held instead.")
        raise Conflict(message, code="people_came")


def note_room_use(activity: Activity) -> None:
    """A held activity has used its room: the room-use book follows by itself (SOP Kendal, warning 2)."""
    _move_booking(activity, "mark_used")


def release_room(activity: Activity) -> None:
    """A cancelled activity gives its room back."""
    _move_booking(activity, "cancel")


def _move_booking(activity: Activity, step: str) -> None:
    booking = activity.booking
    if booking is None or booking.state != "reserved" or not booking.active:
        return
    with as_system(object_session(activity), "the room follows its activity"):
        service_of(Booking).transition(booking, step)


class Activity(JoinsCase, Record):
    """One event of a cooperation, such as a literacy visit."""

    __title__ = _l("Activity")
    __plural__ = _l("Activities")
    __display__ = "title"
    __steps_after_case__ = ("cancel",)
    __void_states__ = ("cancelled",)
    __labels__ = {"present": _l("People present")}
    __constraints__ = (
        index("starts_at"),
        check("times", "ends_at > starts_at"),
        check("participants", "participants > 0"),
    )
    __transitions__ = (
        Transition("hold", _l("Mark as held"), ("planned",), "held", guard=require_begun, effect=note_room_use),
        Transition("report", _l("Mark as reported"), ("held",), "reported", guard=require_report),
        Transition(
            "cancel",
            _l("Cancel activity"),
            ("planned",),
            "cancelled",
            guard=require_nobody_came,
            effect=release_room,
            confirm=_l("Cancel this activity? Its room booking is cancelled with it."),
            primary=False,
        ),
    )

    title: Mapped[str] = column(String(200), label=_l("Title"))
    kind_id: Mapped[int] = reference("activities_activity_kind.id", label=_l("Kind"))
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    agreement_id: Mapped[int | None] = reference("agreements_agreement.id", label=_l("Agreement"))
    booking_id: Mapped[int | None] = reference("rooms_booking.id", label=_l("Room booking"))
    starts_at: Mapped[datetime] = column(
        DateTime(timezone=True),
        label=_l("Starts at"),
        help=_l("Left empty, the start of the room booking is taken."),
        required=False,
    )
    ends_at: Mapped[datetime] = column(
        DateTime(timezone=True),
        label=_l("Ends at"),
        help=_l("Left empty, the end of the room booking is taken."),
        required=False,
    )
    place: Mapped[str | None] = column(String(200), label=_l("Place"), help=_l("Left empty, the booked room is taken."))
    participants: Mapped[int | None] = column(label=_l("Expected participants"))
    unit_id: Mapped[int | None] = reference("organization_unit.id", label=_l("Responsible unit"))
    description: Mapped[str | None] = column(Text, label=_l("Description"), multiline=True)
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="planned", server_default="planned"
    )

    kind: Mapped[ActivityKind] = relationship()
    partner: Mapped[Partner | None] = relationship()
    agreement: Mapped[Agreement | None] = relationship()
    booking: Mapped[Booking | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    @property
    def present(self) -> int | None:
        """How many people are on the attendance list, or None while nobody is."""
        attendance = models["activities.Attendance"]
        session = object_session(self)
        statement = select(func.count()).where(attendance.activity_id == self.id, attendance.active)
        with as_system(session, "how many came is told, whoever may read the list"):
            return session.scalar(statement) or None

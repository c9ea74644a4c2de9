"""Screens of attendance: the records, the page for many people at once, and the summary on the activity."""

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import func, null, select

from addons.activities.models.activity import Activity
from addons.activities.models.attendance import Attendance
from addons.activities.services.attendance import closed_because
from addons.activities.services.attendance_lines import enter_lines, read_lines
from app.addon import (
    Conflict,
    Invalid,
    ModelView,
    PageView,
    current_access,
    db,
    ngettext,
    record_panel,
    route,
    view_of,
)
from app.addon import lazy_gettext as _l


class AttendanceView(ModelView):
    """Who came; how a person can be reached stands on the record alone."""

    model = Attendance
    resource = "attendance"
    icon = "user"
    sequence = 15
    empty_hint = _l("Who came is written on the page of the activity; a list can be pasted there.")
    list_columns = ("name", "organisation", "position", "activity", "arrived_at")
    form_columns = ("activity", "name", "organisation", "position", "contact", "arrived_at", "note", "case")
    search_columns = ("name", "organisation", "activity.title")
    filter_columns = ("activity", "arrived_at", "case")
    order_columns = ("name", "arrived_at")


class AttendanceEntryPage(PageView):
    """``/activities/attendance_entry``: many people at once, one a line."""

    path = "attendance_entry"

    @route("/<int:pk>", methods=["GET", "POST"])
    def index(self, pk: int) -> Any:
        """The lines for the activity ``pk``; a refused list is shown again with what is wrong on which line."""
        self.enter(Attendance, "create")
        view: Any = view_of(Activity)
        if request.method == "GET":
            activity = view.load(pk)
            return self._page(activity, {"organisation": str(activity.partner or "")})
        typed = {name: request.form.get(name, "") for name in ("lines", "organisation", "skip")}
        lines = read_lines(typed["lines"], typed["organisation"])
        try:
            count = enter_lines(view.load(pk), lines, skip_known=bool(typed["skip"]))
        except (Conflict, Invalid) as error:
            db.session.rollback()
            return self._page(view.load(pk), typed, error.errors.get("lines", [])), error.status
        flash(ngettext("%(num)d person was entered.", "%(num)d people were entered.", count), "success")
        return redirect(view.url("show", pk=pk))

    def _page(self, activity: Activity, typed: dict[str, str], troubles: Any = ()) -> str:
        return self.render(
            "activities/attendance_entry.html",
            activity=activity,
            activities=view_of(Activity),
            closed=closed_because(activity),
            typed=typed,
            troubles=troubles,
        )


@record_panel("activities.Activity", "attendance", _l("Attendance list"))
def attendance_summary(activity: Activity) -> tuple[str, dict[str, Any]] | None:
    """How many came from where, and the way to enter more."""
    access = current_access()
    if not access.may(Attendance, "read"):
        return None
    number = func.count().label("number")
    on_list = (Attendance.activity_id == activity.id, Attendance.active)
    statement = select(Attendance.organisation, number).where(*on_list).group_by(Attendance.organisation)
    if "organisation" in access.hidden_columns(Attendance):
        statement = select(null().label("organisation"), number).where(*on_list)
    groups = db.session.execute(statement.order_by(number.desc())).all()
    return "activities/attendance_summary.html", {
        "groups": groups,
        "total": sum(group.number for group in groups),
        "may_enter": access.may(Attendance, "create"),
        "closed": closed_because(activity),
    }

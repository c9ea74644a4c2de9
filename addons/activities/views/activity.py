"""Screens of activities."""

from addons.activities.models.activity import Activity
from addons.activities.services.attendance_print import attendance_pdf, attendance_xlsx
from app.addon import Board, Calendar, Graph, ModelView, Pivot, Print, Related
from app.addon import lazy_gettext as _l


class ActivityView(ModelView):
    """Activities with who came and what was reported."""

    model = Activity
    resource = "activity"
    icon = "users-group"
    sequence = 10
    empty_hint = _l("Plan an activity with its day and place: attendance, evidence and report are kept with it.")
    list_columns = ("title", "starts_at", "kind", "partner", "place", "participants", "state")
    form_columns = (
        "title", "kind", "partner", "agreement", "booking", "starts_at", "ends_at", "place", "participants", "unit",
        "description", "case",
    )  # fmt: skip
    show_columns = (*form_columns[:9], "present", *form_columns[9:])
    search_columns = ("title", "place", "partner.name")
    filter_columns = ("state", "kind", "partner", "agreement", "unit", "starts_at", "case")
    order_columns = ("starts_at",)
    default_order = "-starts_at"
    related = (Related("activities.Attendance", "activity"), Related("activities.Report", "activity"))
    attachments = True
    quick_edit = ("place", "participants")
    modes = (Board(("starts_at", "partner")), Calendar("starts_at", "ends_at"),
             Graph("kind", "participants"), Pivot("kind", "starts_at", "participants"))  # fmt: skip
    prints = (
        Print("attendance_pdf", _l("Attendance list, PDF"), attendance_pdf),
        Print("attendance_xlsx", _l("Attendance list, XLSX"), attendance_xlsx, icon="download"),
    )

"""Screens of activity reports."""

from addons.activities.models.report import Report
from app.addon import ModelView
from app.addon import lazy_gettext as _l


class ReportView(ModelView):
    """Reports on activities, with photos, attendance lists and other evidence attached."""

    model = Report
    resource = "report"
    icon = "file-text"
    sequence = 20
    empty_hint = _l("A report is written once an activity was held.")
    list_columns = ("reported_on", "title", "activity", "participants_count")
    form_columns = ("activity", "title", "summary", "participants_count", "follow_up", "reported_on", "case")
    search_columns = ("title", "summary")
    filter_columns = ("reported_on", "activity", "case")
    order_columns = ("reported_on",)
    default_order = "-reported_on"
    attachments = True

"""Screens of requests."""

from typing import Any

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.request import OPEN, Request
from addons.procedures.services.request import twins_of
from app.addon import ModelView, Transition, db, record_panel
from app.addon import lazy_gettext as _l

MOMENTS = ("first_response_at", "answer", "follow_up_at", "draft_sent_at")


class RequestView(ModelView):
    """Requests: channel, asker and subject are enough to enter one."""

    model = Request
    resource = "request"
    icon = "inbox"
    sequence = 5
    empty_hint = _l("Write down who asks for what: the promised times run from then on.")
    list_columns = ("number", "received_at", "title", "sender_name", "channel", "state", "promise")
    form_columns = ("channel", "sender_name", "title", "received_at", "partner", "contact", "kind", "content", "case")
    show_columns = ("number", *form_columns, *MOMENTS, "duplicate_of", "reason")
    search_columns = ("number", "title", "sender_name")
    filter_columns = ("state", "channel", "kind", "partner", "received_at", "case")
    order_columns = ("received_at", "number")
    default_order = "-received_at"
    attachments = True

    def offers(self, operation: str, record: Any) -> bool:
        """What was settled is not edited."""
        return super().offers(operation, record) and (operation != "write" or record.state in OPEN)

    def transitions(self, record: Any) -> list[Transition]:
        """A request that stands in a case opens no other one."""
        found: list[Transition] = super().transitions(record)
        return [step for step in found if step.name != "open_case" or record.case_id is None]


@record_panel("procedures.Request", "clocks", _l("Service promises"))
def clocks_of(request: Request) -> Any:
    """What was promised, until when, and how it stands."""
    return (
        ("procedures/clocks.html", {"clocks": request.clocks, "clock_modes": CLOCK_MODES}) if request.clocks else None
    )


@record_panel("procedures.Request", "twins", _l("Perhaps the same request"))
def twins(request: Request) -> Any:
    """Requests of the same weeks by the same asker or with much the same subject."""
    found = twins_of(db.session(), request) if request.state in OPEN else []
    return ("procedures/twins.html", {"twins": found}) if found else None

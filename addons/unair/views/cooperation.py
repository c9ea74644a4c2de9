"""Screens of what the library keeps of a cooperation in the making."""

from typing import Any

from addons.unair.models.cooperation_report import CooperationReport
from addons.unair.models.negotiation_round import NegotiationRound
from addons.unair.models.proposal import Proposal
from addons.unair.services.report_print import report_pdf
from addons.unair.services.report_template import report_template
from app.addon import ModelView, Print, today_here
from app.addon import lazy_gettext as _l


class NegotiationRoundView(ModelView):
    """Rounds of coordination and negotiation."""

    model = NegotiationRound
    resource = "negotiation_round"
    icon = "messages"
    sequence = 10
    list_columns = ("held_on", "topic", "counterpart", "case")
    form_columns = ("topic", "held_on", "counterpart", "people", "outcome", "still_open", "case")
    search_columns = ("topic", "outcome", "people")
    filter_columns = ("counterpart", "held_on", "case")
    order_columns = ("held_on",)
    default_order = "-held_on"
    attachments = True

    def prefill(self, form: Any) -> dict[str, Any]:
        """A round is usually noted on its day, about the subject of its case."""
        case = form["case"].data if "case" in form else None
        return {"held_on": today_here(), "topic": case.title if case is not None else None}


class CooperationReportView(ModelView):
    """Reports to the head, which begin with a template."""

    model = CooperationReport
    resource = "cooperation_report"
    icon = "file-text"
    sequence = 20
    list_columns = ("reported_on", "title", "kind", "case", "state")
    form_columns = ("title", "kind", "reported_on", "course", "outcome", "advice", "case")
    search_columns = ("title", "outcome")
    filter_columns = ("kind", "state", "reported_on", "case")
    order_columns = ("reported_on",)
    default_order = "-reported_on"
    attachments = True
    prints = (Print("pdf", _l("PDF"), report_pdf),)

    def prefill(self, form: Any) -> dict[str, Any]:
        """The template: what the rounds of the case brought, in order."""
        return report_template(form["case"].data if "case" in form else None)


class ProposalView(ModelView):
    """Proposals."""

    model = Proposal
    resource = "proposal"
    icon = "bulb"
    sequence = 30
    list_columns = ("dated_on", "title", "partner", "author", "case")
    form_columns = ("title", "author", "partner", "dated_on", "summary", "case")
    search_columns = ("title", "summary", "partner.name")
    filter_columns = ("author", "partner", "dated_on", "case")
    order_columns = ("dated_on",)
    default_order = "-dated_on"
    attachments = True

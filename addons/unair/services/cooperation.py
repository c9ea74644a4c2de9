"""Rules of what the library keeps of a cooperation in the making."""

from typing import Any

from addons.unair.models.cooperation_report import CooperationReport
from addons.unair.models.negotiation_round import NegotiationRound
from addons.unair.models.proposal import Proposal
from app.addon import Invalid, RecordService, today_here
from app.addon import lazy_gettext as _l


class ProposalService(RecordService):
    """A proposal has its date."""

    model = Proposal

    def check(self, record: Any) -> None:
        """Refuse a date to come."""
        refuse_future(record.dated_on, "dated_on")


class NegotiationRoundService(RecordService):
    """A round is noted after it was held."""

    model = NegotiationRound

    def check(self, record: Any) -> None:
        """Refuse a date to come."""
        refuse_future(record.held_on, "held_on")


class CooperationReportService(RecordService):
    """A report that lies with the head says what it said."""

    model = CooperationReport

    def check(self, record: Any) -> None:
        """Refuse a date to come."""
        refuse_future(record.reported_on, "reported_on")

    def before_update(self, record: Any) -> None:
        """What was submitted is taken back before it is changed."""
        if record.state == "submitted" and self.session.is_modified(record):
            raise Invalid(_l("This report lies with the head; take it back to draft before you change it."))


def refuse_future(day: Any, field: str) -> None:
    """Raise `Invalid` for a day that is still to come."""
    if day is not None and day > today_here():
        message = _l("This day is still to come.")
        raise Invalid(message, {field: [message]})

"""Letters and other records of a case start and stop the clocks of service promises when they move."""

from typing import Any

from addons.procedures.models.joins_case import JoinsCase
from addons.procedures.models.promise_event import record_event
from addons.procedures.models.request import Request
from addons.procedures.services.promise_clock import happened
from app.addon import Transition, clock, on


@on("kernel.after_transition")
def tell_promises(record: Any, transition: Transition) -> None:
    """A record in a case moved. Requests tell of themselves, with the moments that people entered."""
    if isinstance(record, JoinsCase) and not isinstance(record, Request) and record.case is not None:
        happened(record.case, record_event(type(record), transition.name), clock.now())

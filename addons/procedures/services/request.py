"""Rules of requests: entered in three fields, answered in time, followed in a case."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, inspect, or_, select
from sqlalchemy.orm import Session, joinedload

from addons.procedures.models.request import OPEN, Request
from addons.procedures.services.case import open_case
from addons.procedures.services.promise_clock import begin_anew, forget_clocks, happened
from app.addon import Conflict, Invalid, RecordService, clock, declare_register, has_words, local, next_number
from app.addon import lazy_gettext as _l

NUMBER = declare_register("procedures.request", _l("Service requests"))
STEPS = {
    "respond": ("first_response_at", "responded"),
    "follow_up": ("follow_up_at", "followed_up"),
    "send_draft": ("draft_sent_at", "draft_sent"),
}
"""The steps that note a moment: in which column, and what happened then."""
NEAR = timedelta(days=60)
ALIKE = 0.4
"""From which likeness of the subjects (pg_trgm, 0 to 1) two requests may be the same."""


class RequestService(RecordService):
    """A request is answered, followed up and settled; each moment lies between its receipt and now."""

    model = Request

    def check(self, record: Request) -> None:
        """A sender, and a receipt that is no later than now and no later than what followed."""
        errors: dict[str, list[Any]] = {}
        if not record.sender_name and record.partner is not None:
            record.sender_name = record.partner.name
        if record.received_at is None:
            record.received_at = clock.now()
        if not record.sender_name:
            errors["sender_name"] = [_l("Write who asks, or choose a partner.")]
        if record.received_at is not None and record.received_at > clock.now():
            errors["received_at"] = [_l("A request cannot be received in the future.")]
        moments = [moment for column, _event in STEPS.values() if (moment := getattr(record, column)) is not None]
        if record.id and record.received_at is not None and moments and record.received_at > min(moments):
            errors["received_at"] = [_l("It was answered before that.")]
        if errors:
            raise Invalid(_l("The request cannot be entered like this."), errors)

    def before_create(self, record: Request, extra: Mapping[str, Any]) -> None:
        """The number, last."""
        record.number = next_number(self.session, NUMBER, local(record.received_at).date())

    def after_create(self, record: Request, extra: Mapping[str, Any]) -> None:
        """The promises begin with the receipt."""
        happened(record, "received", record.received_at)
        if record.case is not None:
            happened(record, "case_opened", clock.now())

    def before_update(self, record: Request) -> None:
        """The number belongs to the year of receipt; what was settled stays."""
        if record.state not in OPEN:
            raise Conflict(_l("This request is settled; it no longer changes."), code="request_settled")
        before = inspect(record).attrs.received_at.history.deleted
        if before and local(before[0]).year != local(record.received_at).year:
            message = _l("Number %(number)s belongs to another year.", number=record.number)
            raise Invalid(message, {"received_at": [message]})

    def update(self, record: Request, values: Mapping[str, Any], version: int | None = None) -> Request:
        """Change a request; another receipt or kind counts its promises anew."""
        before = (record.received_at, record.kind_id, record.case_id)
        super().update(record, values, version)
        if (record.received_at, record.kind_id) != before[:2]:
            self._begin_anew(record)
        if record.case_id is not None and before[2] is None:
            happened(record, "case_opened", clock.now())
        return record

    def transition(self, record: Request, name: str, values: Mapping[str, Any] | None = None) -> Request:
        """Move a request; whatever is done with it first is also its first response."""
        given = dict(values or {})
        column, event = STEPS.get(name, ("", ""))
        if column:
            given[column] = self._moment(record, given.get(column), column)
        check_step(record, name, given)
        at = given.get(column) or clock.now()
        with self.saving(record):
            super().transition(record, name, given)
            if name == "mark_duplicate":
                forget_clocks(record)
                return record
            if name == "open_case":
                record.case = open_case(
                    record.procedure, record.title, record.partner, "request", record.kind and record.kind.case_kind
                )
                happened(record, "case_opened", at)
            if record.first_response_at is None:
                record.first_response_at = at
                happened(record, "responded", at)
            if name in ("open_case", "refuse", "send_draft") and record.follow_up_at is None:
                record.follow_up_at = at
                happened(record, "followed_up", at)
            if event:
                happened(record, event, at)
            if name in ("settle", "refuse"):
                happened(record, "settled", at)
        return record

    def _moment(self, record: Request, moment: Any, column: str) -> Any:
        """``moment``, or now; nobody writes the seconds of the receipt."""
        now = clock.now()
        if moment is None:
            return now
        if timedelta(0) < record.received_at - moment < timedelta(minutes=1):
            moment = record.received_at
        if moment > now:
            message = _l("This moment lies in the future.")
        elif moment < record.received_at:
            message = _l("The request came in only later.")
        else:
            return moment
        raise Invalid(message, {column: [message]})

    def _begin_anew(self, record: Request) -> None:
        moments = [(event, getattr(record, column)) for column, event in STEPS.values()]
        noted = [(event, moment) for event, moment in moments if moment is not None]
        begin_anew(record, [("received", record.received_at), *noted])


def check_step(record: Request, name: str, given: Mapping[str, Any]) -> None:
    """Refuse a step whose answers do not do: no reason, no procedure, a duplicate of itself."""
    errors: dict[str, list[Any]] = {}
    if name == "refuse" and not has_words(given.get("reason")):
        errors["reason"] = [_l("Say why the request is refused.")]
    if name == "open_case" and given.get("procedure") is None:
        errors["procedure"] = [_l("Choose the procedure of the case.")]
    if name == "open_case" and record.case is not None:
        raise Conflict(
            _l("The request belongs to case %(number)s already.", number=record.case.number), code="has_case"
        )
    if name == "mark_duplicate":
        first = given.get("duplicate_of")
        if first is None or first is record or first.duplicate_of_id == record.id:
            errors["duplicate_of"] = [_l("Choose the request that came first.")]
    if errors:
        raise Invalid(_l("The step cannot be taken like this."), errors)


def twins_of(session: Session, request: Request) -> list[Request]:
    """Requests of the same weeks that may be the same: the same asker, or a subject much alike; the nearest first."""
    alike = func.similarity(Request.title, request.title)
    same_sender = func.lower(Request.sender_name) == request.sender_name.lower()
    same = [same_sender, alike > ALIKE]
    if request.partner_id is not None:
        same.append(Request.partner_id == request.partner_id)
    statement = (
        select(Request)
        .where(
            Request.active,
            Request.id != request.id,
            Request.received_at.between(request.received_at - NEAR, request.received_at + NEAR),
            or_(*same),
        )
        .order_by(alike.desc(), Request.id.desc())
        .options(joinedload(Request.channel))
        .limit(5)
    )
    return list(session.scalars(statement))

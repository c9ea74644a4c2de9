"""Requests (permohonan): what partners ask for, on whatever way."""

from datetime import datetime
from typing import Any, ClassVar, Optional

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import JoinsCase
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.request_channel import RequestChannel
from addons.procedures.models.request_kind import RequestKind
from app.addon import Record, Transition, check, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {
    "received": _l("Received"),
    "responded": _l("Responded"),
    "in_progress": _l("Followed up"),
    "settled": _l("Settled"),
    "refused": _l("Refused"),
    "duplicate": _l("Duplicate request"),
}
OPEN = ("received", "responded", "in_progress")


class Request(JoinsCase, Record):
    """A request from outside or from a unit of our own. Its moments start and stop the service promises."""

    __title__ = _l("Service request")
    __plural__ = _l("Service requests")
    __display__ = "title"
    __outlives_case__ = OPEN
    __steps_after_case__ = ("respond", "follow_up", "send_draft", "settle", "refuse")
    __void_states__ = ("duplicate",)
    __labels__: ClassVar[dict[str, Any]] = {"promise": _l("Service promise")}
    __constraints__ = (
        unique("number"),
        index("received_at"),
        check("response", "first_response_at >= received_at"),
        check("follow_up", "follow_up_at >= received_at"),
        check("draft", "draft_sent_at >= received_at"),
    )
    __transitions__ = (
        Transition("respond", _l("Respond"), ("received",), "responded", asks=("first_response_at", "answer")),
        Transition("follow_up", _l("Follow up"), ("received", "responded"), "in_progress", asks=("follow_up_at",)),
        Transition("open_case", _l("Open a case"), OPEN, "in_progress", asks=("procedure",)),
        Transition("send_draft", _l("Draft was sent"), OPEN, "in_progress", primary=False, asks=("draft_sent_at",)),
        Transition("settle", _l("Settle"), ("responded", "in_progress"), "settled"),
        Transition("refuse", _l("Refuse the request"), OPEN, "refused", primary=False, asks=("reason",)),
        Transition("mark_duplicate", _l("It is a duplicate"), OPEN, "duplicate", primary=False, asks=("duplicate_of",)),
    )

    number: Mapped[str] = column(String(60), label=_l("Number"), required=False)
    channel_id: Mapped[int] = reference("procedures_request_channel.id", label=_l("Channel"))
    sender_name: Mapped[str] = column(
        String(200),
        label=_l("Who asks"),
        help=_l("Left empty, the partner's name is taken."),
        required=False,
    )
    title: Mapped[str] = column(String(300), label=_l("Subject"))
    received_at: Mapped[datetime] = column(
        DateTime(timezone=True), label=_l("Received at"), help=_l("Left empty, it is now."), required=False
    )
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    contact: Mapped[str | None] = column(
        String(200), label=_l("To be reached at"), help=_l("Telephone number or address."), personal=True
    )
    kind_id: Mapped[int | None] = reference("procedures_request_kind.id", label=_l("Kind of request"))
    content: Mapped[str | None] = column(Text, label=_l("Content"), multiline=True)
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="received", server_default="received"
    )
    first_response_at: Mapped[datetime | None] = column(
        DateTime(timezone=True), label=_l("First response at"), help=_l("Left empty, it is now.")
    )
    answer: Mapped[str | None] = column(Text, label=_l("What was answered"), multiline=True)
    follow_up_at: Mapped[datetime | None] = column(
        DateTime(timezone=True), label=_l("Followed up at"), help=_l("Left empty, it is now.")
    )
    draft_sent_at: Mapped[datetime | None] = column(
        DateTime(timezone=True), label=_l("Draft sent at"), help=_l("Left empty, it is now.")
    )
    procedure_id: Mapped[int | None] = reference("procedures_procedure.id", label=_l("Open a case under procedure"))
    duplicate_of_id: Mapped[int | None] = reference("procedures_request.id", label=_l("Duplicate of"))
    reason: Mapped[str | None] = column(Text, label=_l("Reason"), multiline=True)

    channel: Mapped[RequestChannel] = relationship()
    partner: Mapped[Partner | None] = relationship()
    kind: Mapped[RequestKind | None] = relationship()
    procedure: Mapped[Procedure | None] = relationship()
    duplicate_of: Mapped[Optional["Request"]] = relationship(remote_side="Request.id")
    clocks: Mapped[list["PromiseClock"]] = relationship(
        back_populates="request", order_by="PromiseClock.due_at", lazy="selectin"
    )  # type: ignore[name-defined]  # declared in promise_clock.py

    @property
    def promise(self) -> str:
        """The most pressing of its service promises in words: late before soon before in time; empty without any."""
        order = ("late", "soon", "in_time")
        found = {clock.state: clock.state_name for clock in self.clocks}
        return next((str(found[state]) for state in order if state in found), "")

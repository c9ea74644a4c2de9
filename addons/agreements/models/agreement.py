"""Agreements: the papers that cooperation rests on."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.agreements.models.agreement_kind import AgreementKind
from addons.agreements.services import agreement_steps as steps
from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, Transition, check, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {
    "draft": _l("Draft"),
    "signed": _l("Signed"),
    "active": _l("In force"),
    "ended": _l("Ended"),
    "terminated": _l("Terminated"),
}


class Agreement(JoinsCase, Record):
    """A paper that the institution and a partner sign (naskah kerja sama), with the dates between which it holds."""

    __title__ = _l("Agreement")
    __plural__ = _l("Agreements")
    __display__ = "title"
    __constraints__ = (
        unique("number"),
        check("state", "state IN ('draft', 'signed', 'active', 'ended', 'terminated')"),
        check("dates", "ends_on >= starts_on"),
        index("ends_on"),
        index("signed_on"),
    )
    __transitions__ = (
        Transition("sign", _l("Record the signing"), ("draft",), "signed", guard=steps.refuse_signing),
        Transition("activate", _l("Put into force"), ("signed",), "active", guard=steps.refuse_activation),
        Transition("end", _l("Record the end"), ("active",), "ended", guard=steps.refuse_end, effect=steps.stamp_end),
        Transition(
            "terminate",
            _l("Terminate early"),
            ("signed", "active"),
            "terminated",
            guard=steps.refuse_termination,
            effect=steps.stamp_end,
            confirm=_l("Terminate this agreement before its time?"),
            primary=False,
        ),
        Transition(
            "reopen",
            _l("Back to draft"),
            ("signed", "active"),
            "draft",
            confirm=_l("Take the agreement back to draft, to correct what was recorded?"),
            primary=False,
        ),
    )

    title: Mapped[str] = column(String(300), label=_l("Title"))
    kind_id: Mapped[int] = reference("agreements_agreement_kind.id", label=_l("Kind"))
    kind: Mapped[AgreementKind] = relationship()
    partner_id: Mapped[int] = reference("partners_partner.id", label=_l("Partner"))
    partner: Mapped[Partner] = relationship()
    number: Mapped[str | None] = column(String(120), label=_l("Our number"))
    partner_number: Mapped[str | None] = column(String(120), label=_l("Partner's number"))
    subject: Mapped[str | None] = column(
        Text, multiline=True, label=_l("Subject matter"), help=_l("What both sides agree on.")
    )
    signed_on: Mapped[date | None] = column(label=_l("Signed on"))
    starts_on: Mapped[date | None] = column(label=_l("In force from"))
    ends_on: Mapped[date | None] = column(
        label=_l("In force until"), help=_l("The last day, included; empty when the agreement names none.")
    )
    our_signatory: Mapped[str | None] = column(
        String(200), label=_l("Signs for us"), help=_l("The position that signs, such as Kepala Dinas.")
    )
    partner_signatory: Mapped[str | None] = column(String(200), label=_l("Signs for the partner"))
    termination_reason: Mapped[str | None] = column(
        Text,
        multiline=True,
        label=_l("Reason for the early end"),
        help=_l("Needed before an agreement can be terminated."),
    )
    ended_on: Mapped[date | None] = column(label=_l("End recorded on"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="draft", server_default="draft")

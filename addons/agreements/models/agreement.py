"""Agreements: the papers that cooperation rests on."""

from datetime import date
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.agreements.models.agreement_kind import AgreementKind
from addons.agreements.models.agreement_party import AgreementParty
from addons.agreements.models.agreement_version import AgreementVersion
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


def _of_side(role: str, name: str) -> Any:
    """A text of one of the two sides, so that the form of a new agreement can ask for it."""

    def read(agreement: "Agreement") -> str | None:
        side = agreement.side(role)
        return getattr(side, name) if side is not None else None

    def write(agreement: "Agreement", value: str | None) -> None:
        side = agreement.side(role)
        if side is None and value is not None:
            side = AgreementParty(role=role, active=True)
            agreement.parties.append(side)
        if side is not None:
            setattr(side, name, value)

    return property(read, write)


class Agreement(JoinsCase, Record):
    """A paper that the institution and a partner sign (naskah kerja sama), with the dates between which it holds."""

    __title__ = _l("Agreement")
    __plural__ = _l("Agreements")
    __display__ = "title"
    __outlives_case__ = ("signed", "active", "ended", "terminated")
    __steps_after_case__ = ("activate", "end", "terminate")
    __labels__ = {
        "our_signatory": _l("Signs for us"),
        "our_position": _l("Position of our signatory"),
        "partner_signatory": _l("Signs for the partner"),
        "partner_position": _l("Position of the partner's signatory"),
    }
    __constraints__ = (
        unique("number"),
        check("state", "state IN ('draft', 'signed', 'active', 'ended', 'terminated')"),
        check("dates", "ends_on >= starts_on"),
        index("ends_on"),
        index("signed_on"),
    )
    __transitions__ = (
        Transition(
            "sign", _l("Record the signing"), ("draft",), "signed", guard=steps.refuse_signing, asks=("signed_on",)
        ),
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
            guard=steps.refuse_reopening,
            effect=steps.supersede_scan,
            primary=False,
            asks=("reopen_reason",),
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
    signing_place: Mapped[str | None] = column(String(100), label=_l("Place of signing"))
    termination_reason: Mapped[str | None] = column(
        Text,
        multiline=True,
        label=_l("Reason for the early end"),
        help=_l("Needed before an agreement can be terminated."),
    )
    ended_on: Mapped[date | None] = column(label=_l("End recorded on"))
    reopen_reason: Mapped[str | None] = column(
        Text,
        multiline=True,
        label=_l("Reason for going back to draft"),
        help=_l("What was recorded wrongly. The signed scan counts as superseded; signing again needs a new one."),
    )
    reopened_after: Mapped[int | None] = column(label=_l("Last version before going back to draft"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="draft", server_default="draft")

    parties: Mapped[list[AgreementParty]] = relationship(
        back_populates="agreement",
        order_by=AgreementParty.id,
        primaryjoin=lambda: (AgreementParty.agreement_id == Agreement.id) & AgreementParty.active,
    )
    versions: Mapped[list[AgreementVersion]] = relationship(
        back_populates="agreement",
        order_by=AgreementVersion.number.desc(),
        primaryjoin=lambda: (AgreementVersion.agreement_id == Agreement.id) & AgreementVersion.active,
    )
    our_signatory = _of_side("own", "signatory")
    our_position = _of_side("own", "signatory_position")
    partner_signatory = _of_side("partner", "signatory")
    partner_position = _of_side("partner", "signatory_position")

    def side(self, role: str) -> AgreementParty | None:
        """Our side (``own``) or the partner's (``partner``)."""
        return next((party for party in self.parties if party.role == role and party.active), None)

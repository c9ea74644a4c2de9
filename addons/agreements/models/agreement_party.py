"""Parties of agreements."""

from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from app.addon import Record, check, column, reference, unique_active
from app.addon import lazy_gettext as _l

ROLES = {
    "own": _l("Our side"),
    "partner": _l("The partner"),
    "third": _l("Third party"),
}


class AgreementParty(Record):
    """One side of an agreement as the paper names it: who signs for it and by what authority, and who is responsible
    (formats 3.4, 3.8, 3.11). The numbers stand on the agreement.
    """

    __title__ = _l("Party")
    __plural__ = _l("Parties")
    __case_through__ = "agreement"
    __labels__ = {"number": _l("Number of this side")}
    __reads__ = {"number": ("agreement.number", "agreement.partner_number")}
    __constraints__ = (
        unique_active("agreement_id", "name"),
        check("role", "role IN ('own', 'partner', 'third')"),
        # Both sides stand once; only third parties may be several.
        lambda _cls: Index(
            "uq_agreements_agreement_party_side",
            "institution_id",
            "agreement_id",
            "role",
            unique=True,
            postgresql_where=text("active AND role <> 'third'"),
        ),
    )

    agreement_id: Mapped[int] = reference("agreements_agreement.id", label=_l("Agreement"))
    agreement: Mapped["Agreement"] = relationship(back_populates="parties")  # type: ignore[name-defined]  # by name
    role: Mapped[str] = column(String(20), label=_l("Side"), choices=ROLES, default="partner", server_default="partner")
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    partner: Mapped[Partner | None] = relationship()
    name: Mapped[str] = column(
        String(200),
        label=_l("Name in the agreement"),
        help=_l("Left empty, the partner's name is taken."),
        required=False,
    )
    address: Mapped[str | None] = column(Text, multiline=True, label=_l("Address in the agreement"))
    signatory: Mapped[str | None] = column(
        String(200),
        label=_l("Signatory"),
        help=_l("The name as it stands under the paper, with titles."),
        personal="name",
    )
    signatory_position: Mapped[str | None] = column(
        String(200), label=_l("Position of the signatory"), help=_l("Such as Kepala Dinas.")
    )
    signatory_nip: Mapped[str | None] = column(
        String(30), label=_l("NIP of the signatory"), personal=True, widget="nip"
    )
    authority: Mapped[str | None] = column(
        String(300),
        label=_l("Signs on the authority of"),
        help=_l("Such as a power of attorney of the regent with its number and date."),
    )
    responsible: Mapped[str | None] = column(
        String(200),
        label=_l("Responsible person"),
        help=_l("Who looks after the cooperation on this side."),
        personal="name",
    )
    responsible_position: Mapped[str | None] = column(String(200), label=_l("Position of the responsible person"))
    responsible_contact: Mapped[str | None] = column(
        String(200), label=_l("Contact of the responsible person"), help=_l("Phone or e-mail."), personal=True
    )

    def keeps_personal(self) -> Any:
        """A party of a paper that was signed stays as it stands there."""
        if self.agreement.state == "draft":
            return None
        return _l("It stands in a signed agreement, which is an archive of the institution (UU 43/2009).")

    @property
    def number(self) -> str | None:
        """The number that this side gave the agreement; third parties have none of their own here."""
        return {"own": self.agreement.number, "partner": self.agreement.partner_number}.get(self.role)

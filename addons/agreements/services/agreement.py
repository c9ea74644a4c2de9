"""Rules of agreements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from addons.agreements.models.agreement import Agreement
from addons.agreements.models.agreement_party import AgreementParty
from addons.agreements.services.filed_scan import has_filed_scan, scan_filed
from addons.organization.models.letterhead import Letterhead
from app.addon import Attachment, Conflict, Institution, Invalid, RecordService, SinergiError, current_scope
from app.addon import lazy_gettext as _l

SIGNED_CONTENT = (
    "title", "kind", "partner", "number", "partner_number", "subject", "signed_on", "signing_place", "starts_on",
    "ends_on",
)  # fmt: skip
"""What the signed paper says, beside its parties. Once it is signed, the record follows the paper."""
SIDE_TEXTS = ("our_signatory", "our_position", "partner_signatory", "partner_position")
"""What the form of a new agreement asks about its two sides."""
PEOPLE_OF_SIDE = (
    "signatory", "signatory_position", "signatory_nip", "authority", "responsible", "responsible_position",
    "responsible_contact",
)  # fmt: skip
"""What belongs to the people of a side, and to nobody else's."""


class AgreementService(RecordService):
    """An agreement is written as a draft; what was signed stays as it was signed."""

    model = Agreement

    def check(self, record: Agreement) -> None:
        """Refuse dates in the wrong order."""
        if record.starts_on is not None and record.ends_on is not None and record.ends_on < record.starts_on:
            message = _l("The last day in force is before the first.")
            raise Invalid(message, {"ends_on": [message]})

    def before_create(self, record: Agreement, extra: Mapping[str, Any]) -> None:
        """Every agreement begins with its two sides, as far as they are known."""
        long = [name for name in SIDE_TEXTS if len(getattr(record, name) or "") > 200]
        if long:
            message = _l("At most 200 characters.")
            raise Invalid(_l("Some values cannot be accepted."), {name: [message] for name in long})
        self._complete_own_side(_side(record, "own"))
        _name_partner(_side(record, "partner"), record.partner)

    def before_update(self, record: Agreement) -> None:
        """Refuse changes to what was signed; an addendum or a way back to draft is needed."""
        changed = [name for name in SIGNED_CONTENT if _changed(record, name)]
        if record.state == "draft":
            self._refuse_after_filing(record, [name for name in changed if not _completes(record, name)])
            self._follow_partner(record)
        elif changed := [name for name in changed if name != "starts_on" or not _completes(record, name)]:
            message = _l("This was signed and cannot be changed.")
            summary = _l("A signed agreement is changed by an addendum; to correct a slip, take it back to draft.")
            raise Conflict(summary, {name: [message] for name in changed}, code="signed")

    def archive(self, record: Agreement) -> None:
        """What binds the institution stays in sight: drafts that nobody signed and ended agreements may be put away."""
        if reason := _kept_because(record):
            raise Conflict(reason, code="signed")
        super().archive(record)

    def check_files(self, record: Agreement, removed: Attachment | None = None) -> None:
        """What was filed with a signed agreement stays with it; more may be added."""
        if removed is not None and record.state != "draft":
            raise Conflict(_l("The agreement is signed; its files stay. You may add another one."), code="signed")

    def explain(self, constraint: str, record: Agreement) -> SinergiError | None:  # the kernel's signature
        """Our number is on another agreement already, perhaps an archived one; or both sides have one name."""
        if constraint == "uq_agreements_agreement_number":
            message = _l("Another agreement has this number, perhaps an archived one.")
            return Conflict(message, {"number": [message]}, code="duplicate")
        if constraint == "uq_agreements_agreement_party_agreement_id_name_active":
            message = _l("This agreement already has a party with this name.")
            return Conflict(message, {"partner": [message]}, code="duplicate")
        return None

    def _complete_own_side(self, side: AgreementParty) -> None:
        scope = current_scope(self.session)
        institution = self.session.get(Institution, scope.institution_id) if scope is not None else None
        letterhead = self.session.scalar(select(Letterhead).where(Letterhead.active).order_by(Letterhead.id).limit(1))
        side.name = institution.name if institution is not None else "-"
        side.address = letterhead.address if letterhead is not None else None

    def _refuse_after_filing(self, record: Agreement, changed: list[str]) -> None:
        if not changed:
            return
        # The lock makes a change and the filing of a scan wait for each other.
        self.session.execute(select(Agreement.id).where(Agreement.id == record.id).with_for_update())
        if has_filed_scan(self.session, record.id, record.reopened_after):
            raise scan_filed(*changed)

    def _follow_partner(self, record: Agreement) -> None:
        side = record.side("partner")
        if side is None or not _changed(record, "partner"):
            return
        _name_partner(side, record.partner)
        for name in PEOPLE_OF_SIDE:
            if not _changed(side, name):
                setattr(side, name, None)


def _kept_because(record: Agreement) -> Any:
    """Why ``record`` may not be archived, or None."""
    if record.state in ("signed", "active"):
        return _l("This agreement was signed and has not ended; only drafts and ended agreements are archived.")
    if record.state == "draft" and (record.reopened_after is not None or _was_signed_on_paper(record)):
        return _l("A signed scan of this agreement is filed; it stays in sight. Record the signing, or mend it first.")
    return None


def _was_signed_on_paper(record: Agreement) -> bool:
    return any(version.kind == "signed" for version in record.versions)


def _side(record: Agreement, role: str) -> AgreementParty:
    side = record.side(role)
    if side is None:
        side = AgreementParty(role=role, active=True)
        record.parties.append(side)
    return side


def _name_partner(side: AgreementParty, partner: Any) -> None:
    if partner is not None:
        side.partner, side.name = partner, partner.name
        side.address = ", ".join(part for part in (partner.address, partner.city) if part) or None


def _completes(record: Agreement, name: str) -> bool:
    """Whether something is taken over that stood on the paper only, written by hand, or that the paper left open."""
    return name in ("number", "partner_number", "starts_on") and not any(inspect(record).attrs[name].history.deleted)


def _changed(record: Any, name: str) -> bool:
    attributes = inspect(record).attrs
    names = [key for key in (name, f"{name}_id") if key in attributes]
    return any(attributes[key].history.has_changes() for key in names)

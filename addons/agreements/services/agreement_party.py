"""Rules of the parties of agreements."""

from typing import Any

from sqlalchemy import func, select

from addons.agreements.models.agreement import Agreement
from addons.agreements.models.agreement_party import AgreementParty
from addons.agreements.services.agreement_print import SIDES
from addons.agreements.services.filed_scan import has_filed_scan, scan_filed
from addons.organization.services.links import linked_id
from addons.partners.models.partner import Partner
from app.addon import Conflict, Invalid, RecordService, SinergiError, as_system
from app.addon import lazy_gettext as _l


class AgreementPartyService(RecordService):
    """The parties are part of what is signed: they are entered while the agreement is a draft."""

    model = AgreementParty

    def check(self, record: Any) -> None:
        """Name the party; refuse one without a name and any change after the signing, or after the scan was filed."""
        self._refuse_after_signing(linked_id(record, "agreement"))
        partner_id = linked_id(record, "partner")
        if not record.name and partner_id is not None:
            record.name = self.session.scalar(select(Partner.name).where(Partner.id == partner_id))
        if not record.name:
            message = _l("Choose a partner or write the name.")
            raise Invalid(message, {"name": [message]})
        self._refuse_too_many(record)

    def before_update(self, record: Any) -> None:
        """A party stays with its agreement."""
        stored = self._stored_agreement_id(record)
        if stored != linked_id(record, "agreement"):
            message = _l("A party cannot be moved to another agreement.")
            raise Conflict(message, {"agreement": [message]}, code="party_moved")

    def archive(self, record: Any) -> None:
        """Take a party off a draft."""
        self._refuse_after_signing(record.agreement_id)
        super().archive(record)

    def restore(self, record: Any) -> None:
        """Bring a party of a draft back."""
        self._refuse_after_signing(record.agreement_id)
        self._refuse_too_many(record)
        super().restore(record)

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """The agreement already has a party of this name."""
        if constraint == "uq_agreements_agreement_party_agreement_id_name_active":
            message = _l("This agreement already has a party with this name.")
            return Conflict(message, {"name": [message]}, code="duplicate")
        if constraint == "uq_agreements_agreement_party_side":
            message = _l("This side is there already; a further party is a third party.")
            return Conflict(message, {"role": [message]}, code="duplicate")
        return None

    def _refuse_too_many(self, record: Any) -> None:
        # The paper has words for so many sides and no more; a further one would fall off it.
        third = AgreementParty.active & (AgreementParty.role == "third") & (AgreementParty.id != (record.id or 0))
        statement = select(func.count(AgreementParty.id)).where(third)
        count = self.session.scalar(statement.where(AgreementParty.agreement_id == linked_id(record, "agreement")))
        if record.role == "third" and 2 + (count or 0) >= len(SIDES):
            message = _l("An agreement has at most %(most)d parties.", most=len(SIDES))
            raise Invalid(message, {"role": [message]})

    def _stored_agreement_id(self, record: Any) -> int | None:
        statement = select(AgreementParty.agreement_id).where(AgreementParty.id == record.id)
        with self.session.no_autoflush, as_system(self.session, "the agreement of a party before the change"):
            return self.session.scalar(statement)

    def _refuse_after_signing(self, agreement_id: int | None) -> None:
        # The lock makes a signing and changes of parties wait for each other.
        statement = select(Agreement.state, Agreement.reopened_after).where(Agreement.id == agreement_id)
        with as_system(self.session, "the state of the agreement decides, whoever may read it"):
            agreement = self.session.execute(statement.with_for_update()).first()
            is_filed = agreement is not None and has_filed_scan(self.session, agreement_id, agreement.reopened_after)
        if agreement is not None and agreement.state != "draft":
            message = _l("The agreement is signed; its parties can no longer be changed.")
            raise Conflict(message, {"agreement": [message]}, code="signed")
        if is_filed:
            raise scan_filed("agreement")

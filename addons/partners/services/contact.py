"""Rules of contacts."""

from typing import Any

from addons.partners.models.contact import Contact
from addons.partners.services.contact_details import check_contact_details, tidy
from app.addon import Conflict, RecordService, SinergiError
from app.addon import lazy_gettext as _l


class ContactService(RecordService):
    """A contact can be reached: what is given of e-mail and phone is plausible."""

    model = Contact

    def check(self, record: Any) -> None:
        """Tidy the texts and refuse impossible contact details."""
        tidy(record, "name", "position", "email", "phone")
        check_contact_details(record)

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """The partner already has a contact of this name."""
        if constraint == "uq_partners_contact_partner_id_name_active":
            message = _l("This partner already has a contact with this name.")
            return Conflict(message, {"name": [message]}, code="duplicate")
        return None

"""Rules of partners."""

from typing import Any

from sqlalchemy import func, select

from addons.partners.models.partner import Partner
from addons.partners.services.contact_details import check_contact_details, tidy
from app.addon import Conflict, RecordService, SinergiError, as_system
from app.addon import lazy_gettext as _l

ONE_LINE = ("name", "city", "region_code", "email", "phone", "website")


class PartnerService(RecordService):
    """A partner is entered once: doubles make validity and reports wrong."""

    model = Partner

    def check(self, record: Any) -> None:
        """Tidy the texts; refuse impossible contact details and the name of another active partner."""
        tidy(record, *ONE_LINE)
        check_contact_details(record)
        if record.name and record.active is not False:
            self._refuse_double(record)

    def restore(self, record: Any) -> None:
        """Bring an archived partner back, unless another one has its name by now."""
        self._refuse_double(record)
        super().restore(record)

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """Two people entered the same partner at the same moment: the database kept the first."""
        if constraint == "uq_partners_partner_name_active":
            return _double(_l("There is already a partner with this name."))
        return None

    def _refuse_double(self, record: Any) -> None:
        statement = select(Partner.name).where(Partner.active, func.lower(Partner.name) == record.name.lower())
        if record.id is not None:
            statement = statement.where(Partner.id != record.id)
        with as_system(self.session, "a name counts as taken also where the user may not look"):
            taken = self.session.scalar(statement.limit(1))
        if taken is not None:
            raise _double(_l("There is already a partner %(name)s.", name=taken))


def _double(message: object) -> Conflict:
    return Conflict(message, {"name": [message]}, code="duplicate")

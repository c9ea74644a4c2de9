"""Rules of partner kinds."""

from typing import Any

from sqlalchemy import func, select

from addons.partners.models.partner_kind import PartnerKind
from addons.partners.services.contact_details import tidy
from app.addon import Conflict, RecordService, as_system
from app.addon import lazy_gettext as _l


class PartnerKindService(RecordService):
    """An institution adds kinds to the shared ones and does not repeat them."""

    model = PartnerKind

    def check(self, record: Any) -> None:
        """Refuse a name that a kind already has, a shared one included."""
        tidy(record, "name")
        if not record.name:
            return
        same = func.lower(PartnerKind.name) == record.name.lower()
        statement = select(PartnerKind.id).where(PartnerKind.active, same)
        if record.id is not None:
            statement = statement.where(PartnerKind.id != record.id)
        with as_system(self.session, "a name counts as taken also where the user may not look"):
            taken = self.session.scalar(statement.limit(1)) is not None
        if taken:
            message = _l("There is already a partner kind %(name)s.", name=record.name)
            raise Conflict(message, {"name": [message]}, code="duplicate")

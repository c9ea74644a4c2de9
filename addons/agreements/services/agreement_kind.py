"""Rules of agreement kinds."""

from typing import Any

from sqlalchemy import func, or_, select

from addons.agreements.models.agreement_kind import AgreementKind
from app.addon import Conflict, RecordService, as_system
from app.addon import lazy_gettext as _l


class AgreementKindService(RecordService):
    """An institution adds kinds to the shared ones and does not repeat them."""

    model = AgreementKind

    def check(self, record: Any) -> None:
        """Refuse a code or name that a kind already has, a shared one included."""
        if not record.code or not record.name:
            return
        same = or_(
            func.lower(AgreementKind.code) == record.code.lower(), func.lower(AgreementKind.name) == record.name.lower()
        )
        statement = select(AgreementKind).where(AgreementKind.active, same)
        if record.id is not None:
            statement = statement.where(AgreementKind.id != record.id)
        with as_system(self.session, "a name counts as taken also where the user may not look"):
            other = self.session.scalar(statement.limit(1))
        if other is not None:
            column = "code" if other.code.lower() == record.code.lower() else "name"
            message = _l("There is already an agreement kind %(name)s (%(code)s).", name=other.name, code=other.code)
            raise Conflict(message, {column: [message]}, code="duplicate")

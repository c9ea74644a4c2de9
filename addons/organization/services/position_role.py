"""Rules of the roles that positions carry."""

from typing import Any

from addons.organization.models.position_role import PositionRole
from addons.organization.services.role_titles import RoleTitles
from app.addon import Invalid, RecordService, refuse_unheld_role
from app.addon import lazy_gettext as _l


class PositionRoleService(RecordService):
    """A position carries only roles that exist in its institution, and that whoever adds them holds."""

    model = PositionRole

    def check(self, record: Any) -> None:
        """Refuse a role of an addon that the institution has not enabled, or that nobody declares."""
        if record.role and record.role not in RoleTitles():
            message = _l("There is no role %(role)s in this institution.", role=record.role)
            raise Invalid(message, {"role": [message]})
        if record.role and record.active is not False:
            refuse_unheld_role(self.session, record.role)

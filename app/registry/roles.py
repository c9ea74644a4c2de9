"""The roles of the loaded addons and of an institution, as choices."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.i18n import gettext as _
from app.registry.enablement import enabled_addons, registry


def role_choices(institution_id: int | None = None, session: Session | None = None) -> dict[str, str]:
    """Role code → title; with ``institution_id`` only roles of addons that it has enabled, and its own."""
    if institution_id is None:
        return {role.code: _(role.title) for role in registry().roles}
    from app.access.institution_role import own_roles
    from app.database.session import db

    session = session or db.session()
    enabled = enabled_addons(institution_id, session) | {"kernel"}
    shipped = {role.code: _(role.title) for role in registry().roles if role.addon in enabled}
    return shipped | own_roles(session, institution_id)

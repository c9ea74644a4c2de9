"""The roles of the loaded addons, as choices."""

from __future__ import annotations

from app.i18n import gettext as _
from app.registry.enablement import enabled_addons, registry


def role_choices(institution_id: int | None = None) -> dict[str, str]:
    """Role code → title; with ``institution_id`` only roles of addons that it has enabled."""
    enabled = enabled_addons(institution_id) if institution_id is not None else None
    return {
        role.code: _(role.title)
        for role in registry().roles
        if enabled is None or role.addon == "kernel" or role.addon in enabled
    }

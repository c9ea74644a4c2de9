"""Which institution has which addon enabled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class AddonEnablement(Audited, Model):
    """An addon switched on (or off again) for an institution."""

    __not_institution_owned__ = "read before an institution is active; the service confines writes to the active one"
    __affects_access__ = True
    __display__ = "addon"
    __title__ = _l("Addon")
    __plural__ = _l("Addons")
    __constraints__ = (unique("institution_id", "addon"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    addon: Mapped[str] = column(String(40), label=_l("Addon"))
    enabled: Mapped[bool] = column(label=_l("Enabled"), default=True, server_default="true")
    settings: Mapped[dict[str, Any]] = column(JSONB, label=_l("Settings"), default=dict, server_default="{}")

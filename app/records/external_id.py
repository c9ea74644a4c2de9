"""The lasting names of records that data files bring, so that loading a file again finds them."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class ExternalId(Model):
    """``addon`` + institution + ``name`` point to one record of ``model``."""

    __not_institution_owned__ = "written by sync and enablement, across institutions"
    __constraints__ = (unique("institution_id", "addon", "name"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    addon: Mapped[str] = column(String(40), label=_l("Addon"))
    name: Mapped[str] = column(String(120), label=_l("Name"))
    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))

"""The lasting names of records that data files bring, so that loading a file again finds them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class ExternalId(Model):
    """``addon`` + institution + ``name`` point to one record of ``model``.

    ``shipped`` are the values that the file last gave, the common ancestor of the merge with what people changed;
    ``source`` says by which kind of file it came, ``withdrawn`` that it was archived because no file brings it now.
    """

    __not_institution_owned__ = "written by sync and enablement, across institutions"
    __constraints__ = (unique("institution_id", "addon", "name"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    addon: Mapped[str] = column(String(40), label=_l("Addon"))
    name: Mapped[str] = column(String(120), label=_l("Name"))
    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))
    shipped: Mapped[dict[str, Any] | None] = column(JSONB, label=_l("Shipped values"))
    source: Mapped[str | None] = column(String(20), label=_l("Kind of data file"))
    withdrawn: Mapped[bool] = column(label=_l("No longer shipped"), default=False, server_default="false")

"""Institutions: the organisations that share one database and never see each other's records."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, unique
from app.i18n import lazy_gettext as _l


class Institution(Model):
    """One organisation. The first row, ``bersama``, owns what all of them read."""

    __not_institution_owned__ = "it is the institution itself"
    __affects_access__ = True
    __title__ = _l("Institution")
    __plural__ = _l("Institutions")
    __constraints__ = (unique("code"),)

    code: Mapped[str] = column(String(40), label=_l("Code"))
    name: Mapped[str] = column(String(200), label=_l("Name"))
    timezone: Mapped[str] = column(
        String(60), label=_l("Time zone"), default="Asia/Jakarta", server_default="Asia/Jakarta"
    )
    city: Mapped[str | None] = column(String(100), label=_l("City"))
    active: Mapped[bool] = column(label=_l("Active"), default=True, server_default="true")

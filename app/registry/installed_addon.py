"""Which addons this database has, and in which version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import Model
from app.database.columns import column, unique
from app.i18n import lazy_gettext as _l


class InstalledAddon(Model):
    """One row per addon that `sync` installed; written by the owner role only."""

    __not_institution_owned__ = "addons are installed per database"
    __constraints__ = (unique("name"),)

    name: Mapped[str] = column(String(40), label=_l("Name"))
    version: Mapped[str] = column(String(20), label=_l("Version"))
    state: Mapped[str] = column(String(20), label=_l("State"), default="installed")
    installed_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Installed at"), default=clock.now)


class RegistryState(Model):
    """One row: the checksum of the last sync, and the version that caches of rights compare themselves with."""

    __not_institution_owned__ = "one row per database"

    checksum: Mapped[str] = column(String(64), label=_l("Checksum"), default="", server_default="")
    access_version: Mapped[int] = column(label=_l("Access version"), default=1, server_default="1")

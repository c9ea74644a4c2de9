"""Which addons this database has, from which code; and the versions that processes compare themselves with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import Model
from app.database.columns import column, unique
from app.i18n import lazy_gettext as _l

INSTALLED, RETIRED, PURGED = "installed", "retired", "purged"


class InstalledAddon(Model):
    """One row per addon that this database has or had; written by the owner role only."""

    __not_institution_owned__ = "addons are installed per database"
    __constraints__ = (unique("name"),)

    name: Mapped[str] = column(String(40), label=_l("Name"))
    title: Mapped[str] = column(String(200), label=_l("Title"), default="", server_default="")
    version: Mapped[str] = column(String(20), label=_l("Version"))
    state: Mapped[str] = column(String(20), label=_l("State"), default=INSTALLED)
    installed_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Installed at"), default=clock.now)
    checksum: Mapped[str] = column(String(64), label=_l("Checksum"), default="", server_default="")
    depends: Mapped[list[Any]] = column(JSONB, label=_l("Needs"), default=list, server_default="[]")
    schema_heads: Mapped[list[Any]] = column(JSONB, label=_l("Revisions"), default=list, server_default="[]")


class AppliedRevision(Model):
    """The source of a migration that this database has applied, kept for when the addon's folder is gone."""

    __not_institution_owned__ = "addons are installed per database"
    __constraints__ = (unique("revision"),)

    addon: Mapped[str] = column(String(40), label=_l("Addon"))
    revision: Mapped[str] = column(String(60), label=_l("Revision"))
    file: Mapped[str] = column(String(200), label=_l("File"))
    source: Mapped[str] = column(Text, label=_l("Source"))


class RegistryState(Model):
    """One row: the checksum of the last sync, the version that caches of rights compare themselves with, and the
    version of the set of addons that processes compare themselves with.
    """

    __not_institution_owned__ = "one row per database"

    checksum: Mapped[str] = column(String(64), label=_l("Checksum"), default="", server_default="")
    access_version: Mapped[int] = column(label=_l("Access version"), default=1, server_default="1")
    registry_version: Mapped[int] = column(label=_l("Registry version"), default=1, server_default="1")

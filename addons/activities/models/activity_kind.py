"""Kinds of activities, as data."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, column, unique_active
from app.addon import lazy_gettext as _l

SOURCES = {
    "ministry": _l("Ministry's list"),
    "library": _l("Library activities"),
    "own": _l("Our own"),
}


class ActivityKind(Record):
    """What sort of activity it is (bentuk kegiatan); most kinds are shared by all institutions."""

    __title__ = _l("Activity kind")
    __plural__ = _l("Activity kinds")
    __constraints__ = (unique_active("name"),)

    name: Mapped[str] = column(String(120), label=_l("Name"))
    source: Mapped[str] = column(String(20), label=_l("Source"), choices=SOURCES, default="own", server_default="own")

"""Kinds of partners, as data."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, column, unique_active
from app.addon import lazy_gettext as _l


class PartnerKind(Record):
    """What sort of organisation a partner is (kriteria mitra); most kinds are shared by all institutions."""

    __title__ = _l("Partner kind")
    __plural__ = _l("Partner kinds")
    __constraints__ = (unique_active("name"),)

    name: Mapped[str] = column(String(120), label=_l("Name"))

"""Kinds of agreements, as data."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, column, unique, unique_active
from app.addon import lazy_gettext as _l


class AgreementKind(Record):
    """What sort of paper an agreement is (MoU, PKS, IA, ...); most kinds are shared by all institutions."""

    __title__ = _l("Agreement kind")
    __plural__ = _l("Agreement kinds")
    __constraints__ = (unique("code"), unique_active("name"))

    code: Mapped[str] = column(String(20), label=_l("Code"))
    name: Mapped[str] = column(String(120), label=_l("Name"))

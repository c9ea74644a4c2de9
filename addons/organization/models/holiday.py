"""Days off of an institution beside the national ones, and national ones on which it works."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, check, column, index, unique_active
from app.addon import lazy_gettext as _l

KINDS = {
    "public": _l("Public holiday"),
    "joint_leave": _l("Joint leave (cuti bersama)"),
    "own": _l("Own day off"),
    "workday": _l("Working day in spite of a holiday"),
}


class Holiday(Record):
    """One day: off for everybody, or worked although the national list says otherwise (a later decree)."""

    __title__ = _l("Holiday")
    __plural__ = _l("Holidays")
    __display__ = "title"
    __constraints__ = (
        check("kind", "kind IN ('public', 'joint_leave', 'own', 'workday')"),
        unique_active("day"),
        index("day"),
    )

    day: Mapped[date] = column(label=_l("Date"))
    title: Mapped[str] = column(String(200), label=_l("Title"))
    kind: Mapped[str] = column(String(20), label=_l("Kind"), choices=KINDS, default="own", server_default="own")
    decree: Mapped[str | None] = column(
        String(300), label=_l("Decree"), help=_l("The decision on which it rests, such as SKB Tiga Menteri.")
    )

"""Logo and colour of an institution."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, index, reference
from app.i18n import lazy_gettext as _l


class InstitutionAppearance(InstitutionOwned, Audited, Model):
    """``colour`` is six hexadecimal digits or empty. Kept per process with the rights, since every page needs it."""

    __title__ = _l("Appearance of the institution")
    __plural__ = _l("Appearance of the institution")
    __display__ = "id"
    __constraints__ = (index(name="uq_institution_appearance_one", unique=True),)
    __affects_access__ = True

    colour: Mapped[str] = column(String(6), label=_l("Colour"), default="", server_default="")
    logo_id: Mapped[int | None] = reference("attachment.id", label=_l("Logo"), ondelete="SET NULL")

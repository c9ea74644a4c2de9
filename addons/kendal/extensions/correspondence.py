"""What Kendal notes of letters beside what every institution does."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import column, extends
from app.addon import lazy_gettext as _l


@extends("correspondence.Letter")
class LetterKendal:
    """The letter's place in SRIKANDI, the national records application that Kendal uses beside this one (SOP, 1-3)."""

    kendal_srikandi_reference: Mapped[str | None] = column(
        String(100), label=_l("SRIKANDI reference"), help=_l("The number or address of this letter in SRIKANDI.")
    )

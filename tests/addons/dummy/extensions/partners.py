"""What dummy adds to partners."""

from sqlalchemy.orm import Mapped

from app.addon import column, extends
from app.addon import lazy_gettext as _l


@extends("partners.Partner")
class PartnerDummy:
    """A rating."""

    dummy_rating: Mapped[int | None] = column(label=_l("Dummy rating"))

    def dummy_stars(self) -> str:
        """A method with the addon's prefix."""
        return "*" * (self.dummy_rating or 0)

"""What Polibatam adds to agreements."""

from typing import Any

from sqlalchemy.orm import Mapped, declared_attr, relationship

from app.addon import extends, reference
from app.addon import lazy_gettext as _l


@extends("agreements.Agreement")
class AgreementPolibatam:
    """The department or P3M that carries an agreement out: its indicators count by it (PR.28.3, B.1.2.9.7)."""

    polibatam_unit_id: Mapped[int | None] = reference(
        "organization_unit.id",
        label=_l("Carried out by"),
        help=_l("The department or P3M whose cooperation this is; the yearly indicators count by it."),
    )

    @declared_attr
    def polibatam_unit(cls) -> Mapped[Any]:  # SQLAlchemy calls it with the class
        """The unit behind the column; named by its path, because an extension must not import models."""
        return relationship("addons.organization.models.unit.Unit", foreign_keys=lambda: [cls.polibatam_unit_id])

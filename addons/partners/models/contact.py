"""Contacts: the people to reach at a partner."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from app.addon import Record, column, reference, unique_active
from app.addon import lazy_gettext as _l


class Contact(Record):
    """A person at a partner; personal data, so only what the cooperation needs (UU 27/2022)."""

    __title__ = _l("Contact")
    __plural__ = _l("Contacts")
    __constraints__ = (unique_active("partner_id", "name"),)

    partner_id: Mapped[int] = reference("partners_partner.id", label=_l("Partner"))
    partner: Mapped[Partner] = relationship()
    name: Mapped[str] = column(String(150), label=_l("Name"), personal="name")
    position: Mapped[str | None] = column(String(150), label=_l("Position"))
    email: Mapped[str | None] = column(String(254), label=_l("E-mail"), personal=True)
    phone: Mapped[str | None] = column(String(40), label=_l("Phone"), personal=True, widget="phone")
    note: Mapped[str | None] = column(Text, multiline=True, label=_l("Note"), personal=True)

"""Partners: the other side of every cooperation."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.country import COUNTRIES
from addons.partners.models.partner_kind import PartnerKind
from app.addon import Record, check, column, index, reference, unique_active
from app.addon import lazy_gettext as _l

LEVELS = {
    "local": _l("Local"),
    "national": _l("National"),
    "international": _l("International"),
}


class Partner(Record):
    """An organisation that cooperates with the institution (mitra), or a unit of its own that does."""

    __title__ = _l("Partner")
    __plural__ = _l("Partners")
    __constraints__ = (
        unique_active("name"),
        check("level", "level IN ('local', 'national', 'international')"),
        index("city"),
    )

    name: Mapped[str] = column(String(200), label=_l("Name"))
    kind_id: Mapped[int | None] = reference("partners_partner_kind.id", label=_l("Kind"))
    kind: Mapped[PartnerKind | None] = relationship()
    level: Mapped[str] = column(
        String(20), label=_l("Level"), choices=LEVELS, default="national", server_default="national"
    )
    is_internal_unit: Mapped[bool] = column(
        label=_l("Unit of our own institution"),
        help=_l("An inside unit that cooperates like a partner."),
        default=False,
        server_default="false",
    )
    address: Mapped[str | None] = column(Text, multiline=True, label=_l("Address"))
    city: Mapped[str | None] = column(String(100), label=_l("City"))
    country: Mapped[str | None] = column(
        String(2),
        label=_l("Country"),
        choices=COUNTRIES,
        help=_l("Procedures may take another way for partners abroad."),
    )
    region_code: Mapped[str | None] = column(
        String(13),
        label=_l("Region code"),
        help=_l("Code of the Ministry of Home Affairs, such as 33.24 for Kabupaten Kendal."),
    )
    email: Mapped[str | None] = column(String(254), label=_l("E-mail"))
    phone: Mapped[str | None] = column(String(40), label=_l("Phone"), widget="phone")
    website: Mapped[str | None] = column(String(200), label=_l("Website"))
    note: Mapped[str | None] = column(Text, multiline=True, label=_l("Note"))

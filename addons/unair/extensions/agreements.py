"""What Unair adds to agreements."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import column, extends
from app.addon import lazy_gettext as _l

TRACKS = {
    "domestic": _l("Domestic cooperation"),
    "foreign": _l("Foreign cooperation"),
}


@extends("agreements.Agreement")
class AgreementUnair:
    """The track that the library's work instruction prescribes (IK-UNAIR-LIB-11, 1 and 2)."""

    unair_track: Mapped[str | None] = column(
        String(20),
        label=_l("Track"),
        choices=TRACKS,
        help=_l("Foreign cooperation is coordinated with AGE, domestic cooperation with the partner directly."),
    )

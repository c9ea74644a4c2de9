"""The signature block of official papers: a.n., u.b., Plt., Plh. (formats 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from addons.organization.models.holder import Holder
from addons.organization.models.position import Position
from addons.organization.services.holder import holders_of
from app.addon import Conflict, Invalid, as_system, db, format_date, format_nip
from app.addon import lazy_gettext as _l

SIGNING_ORDER = ("daily_acting", "acting", "definitive")
"""Who signs when a position has several holders: a Plh. stands in while the others are away, a Plt. fills a vacancy."""


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """What stands under a paper: the lines with the post, then the name, the rank and the NIP of who signs."""

    lines: tuple[str, ...]
    name: str
    kind: str
    user_id: int
    rank: str | None = None
    nip: str | None = None


def signature_block(
    position: Position, day: date, on_behalf_of: Position | None = None, *, signed_on: date | None = None
) -> SignatureBlock:
    """The block for ``position`` on ``day``, for itself or on behalf (a.n.) of a position above it; a paper that is
    ``signed_on`` a later day is signed by who holds the position on both.

    Raises `Conflict` when nobody holds the position that day or the holder left it since, `Invalid` when it is not
    below the other one.
    """
    holder = signatory_of(position, day)
    if holder is None:
        words = {"position": position.title, "day": format_date(day)}
        raise Conflict(_l("Nobody holds the position %(position)s on %(day)s.", **words), code="position_vacant")
    if signed_on is not None and signed_on > day:
        _require_still_held(holder, signed_on)
    return block_of(holder, titles_between(position, on_behalf_of))


def _require_still_held(holder: Holder, day: date) -> None:
    if any(other.user_id == holder.user_id for other in holders_of(holder.position_id, day)):
        return
    words = {"person": str(holder.user), "position": holder.official_title, "day": format_date(day)}
    message = _l(
        "%(person)s is no longer %(position)s on %(day)s and cannot sign. Change the date of the letter.", **words
    )
    raise Conflict(message, code="term_ended")


def block_of(holder: Holder, above: tuple[str, ...] = ()) -> SignatureBlock:
    """The block with which ``holder`` signs; for ``above`` see `block_lines`."""
    return SignatureBlock(
        lines=block_lines(holder.official_title, above),
        name=holder.name_in_letters or str(holder.user),
        kind=holder.kind,
        user_id=holder.user_id,
        rank=holder.rank,
        nip=format_nip(holder.civil_servant_number),
    )


def signatory_of(position: Position, day: date) -> Holder | None:
    """The holder who signs for ``position`` on ``day``."""
    holders = sorted(holders_of(position.id, day), key=lambda holder: SIGNING_ORDER.index(holder.kind))
    return holders[0] if holders else None


def block_lines(signing_title: str, above: tuple[str, ...]) -> tuple[str, ...]:
    """The lines with the posts; ``above`` are the titles from the responsible post down to just above the one that
    signs.
    """
    if not above:
        return (f"{signing_title},",)
    if len(above) == 1:
        return (f"a.n. {above[0]}", f"{signing_title},")
    return (f"a.n. {above[0]}", above[1], "u.b.", f"{signing_title},")


def titles_between(position: Position, on_behalf_of: Position | None) -> tuple[str, ...]:
    """The titles above ``position`` up to ``on_behalf_of``, highest first: one for a.n., two for a.n. with u.b.

    Raises `Invalid` when ``on_behalf_of`` is not one or two steps above.
    """
    if on_behalf_of is None or on_behalf_of.id == position.id:
        return ()
    above: list[Position] = []
    session = db.session()
    with as_system(session, "who stands above whom counts, whoever may read positions"):
        superior_id = position.superior_id
        while superior_id is not None and len(above) < 2:
            superior = session.scalar(select(Position).where(Position.id == superior_id))
            if superior is None:
                break
            above.append(superior)
            if superior.id == on_behalf_of.id:
                return tuple(item.title for item in reversed(above))
            superior_id = superior.superior_id
    message = _l("A letter is signed on behalf of the position directly above (a.n.), or two steps above (u.b.).")
    raise Invalid(message, {"on_behalf_of": [message]}, code="not_the_superior")

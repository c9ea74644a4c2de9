"""Who holds which position on a day, the roles that follow from it, and the rules of holding."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from addons.organization.models.holder import PREFIXES, SOLE_DEFINITIVE_HOLDER, Holder
from addons.organization.models.position import Position
from addons.organization.models.position_role import PositionRole
from addons.organization.services.links import linked_id
from app.addon import (
    Conflict,
    Invalid,
    RecordService,
    RoleGrant,
    SinergiError,
    as_system,
    db,
    format_date,
    member_provider,
    refuse_unheld_role,
    role_provider,
    title_provider,
)
from app.addon import lazy_gettext as _l

EXCLUDES = {
    "definitive": ("definitive", "acting"),
    "acting": ("definitive", "acting"),
    "daily_acting": ("daily_acting",),
}
"""Who does not hold a position on the same day: a Plt. fills a vacancy, a Plh. stands in while the holder is away."""


def positions_of(user_id: int, day: date) -> list[Position]:
    """The positions that a person holds on ``day`` in the active institution, in whatever capacity."""
    held = select(Holder.position_id).where(Holder.user_id == user_id, held_on(day))
    statement = select(Position).where(Position.active, Position.id.in_(held)).order_by(Position.title, Position.id)
    session = db.session()
    with as_system(session, "who may act follows from positions, also for people who may not read them"):
        return list(session.scalars(statement))


def holders_of(position_id: int, day: date) -> list[Holder]:
    """Who holds a position of the active institution on ``day``: the definitive holder first, then Plt., then Plh."""
    statement = (
        select(Holder)
        .where(Holder.position_id == position_id, held_on(day))
        .order_by(Holder.date_from)
        .options(joinedload(Holder.position))
    )
    session = db.session()
    with as_system(session, "who may act follows from positions, also for people who may not read them"):
        order = ("definitive", "acting", "daily_acting")
        return sorted(session.scalars(statement), key=lambda holder: order.index(holder.kind))


def acting_title(user_id: int, position_id: int, day: date) -> str | None:
    """In which title a person acts for a position on ``day``: ``Plh. Kepala Dinas``; None for the definitive holder."""
    mine = [holder for holder in holders_of(position_id, day) if holder.user_id == user_id]
    return mine[0].official_title if mine and mine[0].kind in PREFIXES else None


def held_on(day: date) -> ColumnElement[bool]:
    """The condition on `Holder` that the position is held on ``day``."""
    return and_(Holder.active, Holder.date_from <= day, or_(Holder.date_to.is_(None), Holder.date_to >= day))


@role_provider
def roles_of_positions(reader: Session, user_id: int) -> Iterable[RoleGrant]:
    """The roles a person has in any institution through the positions held there, for the dates of holding."""
    statement = (
        select(Holder.institution_id, PositionRole.role, Holder.date_from, Holder.date_to)
        .join(Position, Position.id == Holder.position_id)
        .join(PositionRole, PositionRole.position_id == Position.id)
        .where(Holder.user_id == user_id, Holder.active, Position.active, PositionRole.active)
    )
    for institution_id, role, date_from, date_to in reader.execute(statement):
        yield RoleGrant(institution_id, role, date_from, date_to, origin="position", addon="organization")


@member_provider
def people_with_positions(reader: Session, institution_id: int) -> Iterable[int]:
    """Whoever holds or held a position of the institution belongs to it."""
    return reader.scalars(select(Holder.user_id).where(Holder.institution_id == institution_id, Holder.active))


@title_provider
def titles_of_holders(session: Session, day: date) -> Iterable[tuple[int, str]]:
    """What people of the institution are by their positions, in whatever capacity."""
    held = select(Holder).where(held_on(day)).order_by(Holder.date_from, Holder.id).options(joinedload(Holder.position))
    with as_system(session, "what a person is by position is no secret among colleagues"):
        return [(holder.user_id, str(holder.official_title)) for holder in session.scalars(held)]


class HolderService(RecordService):
    """A position has one definitive holder at a time, or one Plt. while vacant; a Plh. may stand beside either."""

    model = Holder

    def check(self, record: Any) -> None:
        """Refuse dates in the wrong order, an acting holder without end, and holders who exclude each other."""
        if record.date_from is None:
            return
        if record.date_to is not None and record.date_to < record.date_from:
            message = _l("The last day is before the first.")
            raise Invalid(message, {"date_to": [message]})
        if record.kind in PREFIXES and record.date_to is None:
            message = _l("A Plt. or Plh. is appointed for a time: enter the last day.")
            raise Invalid(message, {"date_to": [message]})
        if record.active is not False:
            self._refuse_clash(record)
            self._refuse_unheld_roles(record)

    def restore(self, record: Any) -> None:
        """Bring an archived holder back, unless somebody else holds the position by now."""
        self._refuse_clash(record)
        self._refuse_unheld_roles(record)
        super().restore(record)

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """The database's own refusal, should the check ever be passed by."""
        if constraint == SOLE_DEFINITIVE_HOLDER:
            return _held_already(_l("Somebody else holds this position definitively in this time."))
        return None

    def _refuse_unheld_roles(self, record: Any) -> None:
        """Nobody gives by a position what they could not give by hand."""
        carried = select(PositionRole.role).where(
            PositionRole.position_id == linked_id(record, "position"), PositionRole.active
        )
        with as_system(self.session, "the roles of a position count, whoever may read them"):
            roles = self.session.scalars(carried).all()
        for role in roles:
            refuse_unheld_role(self.session, role)

    def _refuse_clash(self, record: Any) -> None:
        position_id = linked_id(record, "position")
        statement = select(Holder).where(
            Holder.position_id == position_id,
            Holder.kind.in_(EXCLUDES[record.kind or "definitive"]),
            Holder.active,
            or_(Holder.date_to.is_(None), Holder.date_to >= record.date_from),
        )
        if record.date_to is not None:
            statement = statement.where(Holder.date_from <= record.date_to)
        if record.id is not None:
            statement = statement.where(Holder.id != record.id)
        with as_system(self.session, "a clash counts also with a holder the user may not see"):
            # Entries for one position queue at its row: under the constraint alone two of them could end in a deadlock.
            self.session.scalar(select(Position.id).where(Position.id == position_id).with_for_update(key_share=True))
            other = self.session.scalar(statement.order_by(Holder.date_from).limit(1))
            if other is not None:
                raise _held_already(_clash_with(other))


def _held_already(message: object) -> Conflict:
    return Conflict(message, {"date_from": [message]}, code="position_held")


def _clash_with(other: Holder) -> object:
    person, since = str(other.user), format_date(other.date_from)
    if other.kind != "definitive":
        return _acting_clash(other, person, since)
    if other.date_to is None:
        return _l("%(person)s holds this position definitively since %(since)s.", person=person, since=since)
    until = format_date(other.date_to)
    return _l(
        "%(person)s holds this position definitively from %(since)s until %(until)s.",
        person=person,
        since=since,
        until=until,
    )


def _acting_clash(other: Holder, person: str, since: str) -> object:
    words = {"person": person, "capacity": PREFIXES[other.kind].strip(), "since": since}
    if other.date_to is None:
        return _l("%(person)s holds this position as %(capacity)s since %(since)s.", **words)
    until = format_date(other.date_to)
    return _l("%(person)s holds this position as %(capacity)s from %(since)s until %(until)s.", **words, until=until)

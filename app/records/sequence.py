"""Gapless numbers: a counter per sequence, institution and period, taken last and in the paper's own transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import String, func, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, object_session

from app import clock
from app.database.base import InstitutionOwned, Model, Record
from app.database.columns import column, reference, unique
from app.database.scope import current_scope
from app.database.session import WRITES_OWN_INSTITUTION
from app.errors import Conflict, Invalid, NoActiveInstitution, SinergiError
from app.i18n import lazy_gettext as _l
from app.records.registers import Register, registers
from app.records.service import RecordService

RESETS = {"year": _l("Every year"), "month": _l("Every month"), "never": _l("Never")}
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<width>\d{1,2}))?\}")
WIDEST = 12
DATED = ("serial", "year", "month", "roman")
"""What every pattern may name."""


class Sequence(Record):
    """How numbers of one register look: ``pattern`` such as ``{serial:3}/{month}/{year}``."""

    __title__ = _l("Number sequence")
    __plural__ = _l("Number sequences")
    __display__ = "title"
    __labels__ = {"title": _l("Numbers of"), "preview": _l("Looks like")}
    __reads__ = {"title": ("code",), "preview": ("pattern",)}
    __constraints__ = (unique("code"),)

    code: Mapped[str] = column(
        String(60),
        label=_l("Register"),
        help=_l("What is numbered; .CODE at the end makes a sequence for the unit with that code."),
    )
    pattern: Mapped[str] = column(
        String(120),
        label=_l("Pattern"),
        help=_l("Text with {serial:3} (three digits), {year}, {month}, {roman} and the fields of the register."),
    )
    reset: Mapped[str] = column(
        String(10),
        label=_l("Restart"),
        choices=RESETS,
        default="year",
        server_default="year",
        help=_l("When the serial begins again at 1; the date of the paper decides."),
    )

    @property
    def register(self) -> Register | None:
        """What is numbered; a unit's own sequence is called ``code.UNIT``. None when no addon declares it."""
        owner, _dot, unit = self.code.rpartition(".")
        shared = registers.get(owner)
        return registers.get(self.code) or (shared if shared and shared.units and unit else None)

    @property
    def unit(self) -> str:
        """The code of the unit that counts by itself with this sequence; empty for the register's own."""
        return self.code.removeprefix(self.register.code).lstrip(".") if self.register else ""

    @property
    def title(self) -> str:
        """What is numbered, for people."""
        register = self.register
        if register is None:
            return self.code
        return f"{register.title} ({self.unit})" if self.unit else str(register.title)

    @property
    def preview(self) -> str:
        """The first number of a paper dated today, with the names of the fields that papers bring along."""
        session = object_session(self)
        scope = current_scope(session) if session is not None else None
        words = {name: name.upper() for name in (self.register.words if self.register else ())}
        try:
            return render_number(self.pattern, 1, clock.today(scope.timezone if scope else "UTC"), **words)
        except Invalid:
            return "–"


class SequenceCounter(InstitutionOwned, Model):
    """The last serial of a sequence in a period (``2026``, ``2026-03`` or empty)."""

    __constraints__ = (unique("sequence_id", "period"),)

    sequence_id: Mapped[int] = reference("sequence.id", label=_l("Number sequence"), ondelete="CASCADE")
    period: Mapped[str] = column(String(10), label=_l("Period"))
    value: Mapped[int] = column(label=_l("Last number"))


class SequenceService(RecordService):
    """Administrators set the patterns. Numbers already given stay as they are."""

    model = Sequence

    def check(self, record: Sequence) -> None:
        """A pattern counts, tells its period, and names only what papers bring along."""
        register = record.register
        if register is None:
            message = _l("Nothing is numbered by this code. Known: %(codes)s.", codes=", ".join(sorted(registers)))
            raise Invalid(message, {"code": [message]})
        found = {match["name"] for match in _PLACEHOLDER.finditer(record.pattern)}
        if message := _trouble(record, found - {*DATED, *register.words}, found):
            raise Invalid(message, {"pattern": [message]})

    def before_create(self, record: Sequence, extra: Mapping[str, Any]) -> None:
        """Refuse a sequence for a unit that does not exist: it would never count."""
        register = record.register
        if record.unit and register and register.units and record.unit not in (codes := register.units()):
            words = {"code": record.unit, "codes": ", ".join(sorted(codes)) or "–"}
            message = _l("There is no unit with the code %(code)s. Known: %(codes)s.", **words)
            raise Invalid(message, {"code": [message]})

    def after_create(self, record: Sequence, extra: Mapping[str, Any]) -> None:
        """A unit that counts by itself goes on where the register's own counting stood."""
        self._count_behind(record, self._shared(record))

    def archive(self, record: Sequence) -> None:
        """A unit that no longer counts by itself leaves its numbers behind."""
        super().archive(record)
        if shared := self._shared(record):
            self._count_behind(shared, record)

    def restore(self, record: Sequence) -> None:
        """A unit that counts by itself again goes on behind what was given meanwhile."""
        super().restore(record)
        self._count_behind(record, self._shared(record))

    def before_update(self, record: Any) -> None:
        """A sequence stays with its register, and counts on when it restarts at other times."""
        if inspect(record).attrs["code"].history.has_changes():
            message = _l("A sequence stays with its register; make a new one instead.")
            raise Invalid(message, {"code": [message]})
        if inspect(record).attrs["reset"].history.has_changes():
            self._count_on(record)

    def _count_on(self, sequence: Sequence) -> None:
        """Let the counter that holds from now on begin after every number given: none is given twice."""
        if given := self._given(sequence):
            self._begin_after(sequence, self._present_period(sequence), max(given.values()))

    def _shared(self, record: Sequence) -> Sequence | None:
        """The sequence from which a unit's own one was taken out."""
        code = record.register.code if record.register and record.unit else None
        return self.session.scalar(select(Sequence).where(Sequence.code == code)) if code else None

    def _count_behind(self, sequence: Sequence, other: Sequence | None) -> None:
        """Let ``sequence`` begin after what ``other`` gave: papers of one unit never share a serial."""
        given = self._given(other) if other is not None else {}
        if given and other is not None and other.reset != sequence.reset:
            given = {self._present_period(sequence): max(given.values())}
        for period, value in given.items():
            self._begin_after(sequence, period, value)

    def _given(self, sequence: Sequence) -> dict[str, int]:
        """The last serial by period; whoever is taking one is waited for."""
        counters = select(SequenceCounter).where(SequenceCounter.sequence_id == sequence.id).with_for_update()
        counters = counters.execution_options(populate_existing=True)
        return {counter.period: counter.value for counter in self.session.scalars(counters)}

    def _present_period(self, sequence: Sequence) -> str:
        scope = current_scope(self.session)
        return period_of(sequence.reset, clock.today(scope.timezone if scope else "UTC"))

    def _begin_after(self, sequence: Sequence, period: str, given: int) -> None:
        scope = current_scope(self.session)
        if scope is None:
            return
        row = insert(SequenceCounter).values(
            institution_id=scope.institution_id, sequence_id=sequence.id, period=period, value=given
        )
        statement = row.on_conflict_do_update(
            index_elements=["institution_id", "sequence_id", "period"],
            set_={"value": func.greatest(SequenceCounter.value, given)},
        )
        self.session.execute(statement, execution_options={WRITES_OWN_INSTITUTION: True})

    def explain(self, constraint: str, record: Sequence) -> SinergiError | None:
        """There is one sequence per register."""
        message = _l("This register already has a sequence, perhaps an archived one.")
        return Conflict(message, {"code": [message]}, code="duplicate") if "code" in constraint else None


def _trouble(record: Sequence, unknown: set[str], found: set[str]) -> Any:
    if unknown or re.search(r"[{}]", _PLACEHOLDER.sub("", record.pattern)):
        return _l("The number pattern has an unknown field %(name)s.", name=", ".join(sorted(unknown)) or "{ }")
    if not record.pattern.isprintable() or any(
        int(width or 0) > WIDEST for _name, width in _PLACEHOLDER.findall(record.pattern)
    ):
        return _l("A pattern is one line, and no field is wider than %(width)d digits.", width=WIDEST)
    if "serial" not in found:
        return _l("A pattern needs {serial}, or numbers would repeat.")
    if record.reset != "never" and "year" not in found:
        return _l("Numbers that begin again every year need {year}.")
    if record.reset == "month" and not found & {"month", "roman"}:
        return _l("Numbers that begin again every month need {month} or {roman}.")
    return None


def next_number(session: Session, code: str, day: date, *, register: str | None = None, **words: str) -> str:
    """Take the next number of the sequence ``code`` for a paper dated ``day`` (in the institution's zone).

    A unit whose ``register`` has a sequence of its own (``code.register``) counts there, with that one's pattern.

    Waits while another transaction holds the counter, and is undone with this one: no gaps, no doubles. Call it last.
    Raises `Invalid` when the institution has no such sequence.
    """
    scope = current_scope(session)
    if scope is None:
        raise NoActiveInstitution("a number needs an institution")
    sequence = _sequence(session, code, register)
    taken = insert(SequenceCounter).values(
        institution_id=scope.institution_id, sequence_id=sequence.id, period=period_of(sequence.reset, day), value=1
    )
    statement = taken.on_conflict_do_update(
        index_elements=["institution_id", "sequence_id", "period"], set_={"value": SequenceCounter.value + 1}
    ).returning(SequenceCounter.value)
    serial = session.execute(statement, execution_options={WRITES_OWN_INSTITUTION: True}).scalar_one()
    number = render_number(sequence.pattern, serial, day, **words)
    longest = sequence.register.longest if sequence.register else 60
    if len(number) > longest:
        raise Invalid(_l("The number %(number)s is longer than %(longest)d signs.", number=number, longest=longest))
    return number


def number_fields(session: Session, code: str, *, register: str | None = None) -> frozenset[str]:
    """What a number of ``code`` is made of, such as ``class_code``: so that somebody asks for it before it is taken."""
    return frozenset(match["name"] for match in _PLACEHOLDER.finditer(_sequence(session, code, register).pattern))


def _sequence(session: Session, code: str, register: str | None) -> Sequence:
    codes = [f"{code}.{register}", code] if register else [code]
    found = {
        item.code: item for item in session.scalars(select(Sequence).where(Sequence.code.in_(codes), Sequence.active))
    }
    for wanted in codes:
        if wanted in found:
            return found[wanted]
    raise Invalid(_l("No number sequence %(code)s has been set up for this institution.", code=code))


def period_of(reset: str, day: date) -> str:
    """The period whose counter a paper dated ``day`` uses."""
    return {"year": f"{day:%Y}", "month": f"{day:%Y-%m}"}.get(reset, "")


def render_number(pattern: str, serial: int, day: date, **words: str) -> str:
    """Fill ``pattern``: serial (padded to ``{serial:4}``), year, month, roman, and the given words.

    Raises `Invalid` for a placeholder nobody gave.
    """
    known = {
        "serial": str(serial),
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "roman": ROMAN_MONTHS[day.month - 1],
        **words,
    }

    def fill(match: re.Match[str]) -> str:
        if match["name"] not in known:
            raise Invalid(_l("The number pattern has an unknown field %(name)s.", name=match["name"]))
        return known[match["name"]].zfill(int(match["width"] or 0))

    return _PLACEHOLDER.sub(fill, pattern)

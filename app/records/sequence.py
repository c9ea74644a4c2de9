"""Gapless numbers: a counter per sequence, institution and period, taken last and in the paper's own transaction."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from app.database.base import InstitutionOwned, Model, Record
from app.database.columns import column, reference, unique
from app.database.scope import current_scope
from app.database.session import WRITES_OWN_INSTITUTION
from app.errors import Invalid, NoActiveInstitution
from app.i18n import lazy_gettext as _l

RESETS = {"year": _l("Every year"), "month": _l("Every month"), "never": _l("Never")}
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<width>\d{1,2}))?\}")


class Sequence(Record):
    """How numbers of one register look: ``pattern`` such as ``{serial:3}/{month}/{year}``."""

    __title__ = _l("Number sequence")
    __plural__ = _l("Number sequences")
    __display__ = "code"
    __constraints__ = (unique("code"),)

    code: Mapped[str] = column(String(60), label=_l("Code"))
    pattern: Mapped[str] = column(String(120), label=_l("Pattern"))
    reset: Mapped[str] = column(String(10), label=_l("Restart"), choices=RESETS, default="year", server_default="year")


class SequenceCounter(InstitutionOwned, Model):
    """The last serial of a sequence in a period (``2026``, ``2026-03`` or empty)."""

    __constraints__ = (unique("sequence_id", "period"),)

    sequence_id: Mapped[int] = reference("sequence.id", label=_l("Number sequence"), ondelete="CASCADE")
    period: Mapped[str] = column(String(10), label=_l("Period"))
    value: Mapped[int] = column(label=_l("Last number"))


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
    return render_number(sequence.pattern, serial, day, **words)


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

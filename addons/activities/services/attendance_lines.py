"""Attendance typed or pasted as lines, one person a line; everything is saved or nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from addons.activities.models.activity import Activity
from addons.activities.models.attendance import Attendance
from addons.activities.services.attendance import AttendanceService, described, key_of, one_line, require_open
from app.addon import Invalid, SinergiError, db, is_storable
from app.addon import lazy_gettext as _l

COLUMNS = ("name", "organisation", "position", "contact")
LONGEST = {"name": 150, "organisation": 200, "position": 150, "contact": 150}
MOST_LINES = 500
_NUMBERING = re.compile(r"^\s*\d{1,4}(?:[.)]\s*|\s*[;\t])")
"""The number with which lists copied from elsewhere begin a line: ``12. Siti``, ``12) Siti`` or a cell of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stood on line ``number``: its parts in the order of ``COLUMNS``."""

    number: int
    parts: tuple[str | None, ...]

    @property
    def values(self) -> dict[str, str | None]:
        """The parts as columns of an attendance."""
        return dict(zip(COLUMNS, self.parts, strict=False))

    @property
    def key(self) -> str:
        """Who it is."""
        return key_of(self.values.get("name"), self.values.get("organisation"))


def read_lines(text: str, organisation: str | None = None) -> list[Line]:
    """The lines of ``text`` that hold something; semicolons or tabs part the columns, and ``organisation`` stands in
    where a line names none.
    """
    found = []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if not raw.strip():
            continue
        parts = [one_line(part) for part in re.split(r"[;\t]", _NUMBERING.sub("", raw.rstrip(" ;\t")))]
        parts += [None] * (2 - len(parts))
        parts[1] = parts[1] or one_line(organisation)
        found.append(Line(number, tuple(parts)))
    return found


def enter_lines(activity: Activity, lines: list[Line], *, skip_known: bool = False) -> int:
    """Put everybody of ``lines`` on the list of ``activity``; with ``skip_known``, without those who are on it
    already. Returns how many came on it. Raises `Conflict` when the list is closed, `Invalid` with a sentence per line.
    """
    require_open(activity)
    if not lines:
        raise _refusal([_l("Type at least one name.")])
    known = set(
        db.session.scalars(
            select(Attendance.person_key).where(Attendance.activity_id == activity.id, Attendance.active)
        )
    )
    if skip_known:
        lines = [line for line in lines if line.key not in known]
    if len(lines) > MOST_LINES:
        raise _refusal([_l("At most %(most)d people at once; enter the rest after them.", most=MOST_LINES)])
    if troubles := list(_troubles(lines, known)):
        raise _refusal(troubles)
    _save(activity, lines)
    return len(lines)


def _troubles(lines: list[Line], known: set[str]) -> Iterator[Any]:
    """What is wrong, line by line."""
    seen: dict[str, int] = {}
    for line in lines:
        if trouble := _form_trouble(line):
            yield trouble
            continue
        person = described(line.values["name"], line.values["organisation"])
        if line.key in known:
            yield _l("Line %(number)d: %(person)s is on the list already.", number=line.number, person=person)
        elif line.key in seen:
            yield _l(
                "Line %(number)d: %(person)s stands on line %(first)d already.",
                number=line.number, person=person, first=seen[line.key],
            )  # fmt: skip
        seen.setdefault(line.key, line.number)


def _form_trouble(line: Line) -> Any:
    if len(line.parts) > len(COLUMNS):
        return _l(
            "Line %(number)d has more than four parts: name; organisation; position or class; phone or e-mail.",
            number=line.number,
        )
    if not line.values["name"]:
        return _l("Line %(number)d: the name is missing.", number=line.number)
    for column, value in line.values.items():
        if value and not is_storable(value):
            return _l("Line %(number)d holds a character that cannot be stored.", number=line.number)
        if value and len(value) > LONGEST[column]:
            return _l(
                "Line %(number)d: “%(start)s…” is longer than %(most)d characters.",
                number=line.number, start=value[:30], most=LONGEST[column],
            )  # fmt: skip
    return None


def _save(activity: Activity, lines: list[Line]) -> None:
    service = AttendanceService()
    with db.session.begin_nested():
        for line in lines:
            try:
                service.create({"activity": activity, **line.values})
            except SinergiError as error:
                raise _refusal([_l("Line %(number)d: %(reason)s", number=line.number, reason=error.message)]) from error


def _refusal(troubles: list[Any]) -> Invalid:
    return Invalid(_l("Nobody was entered. Please mend what is named here."), {"lines": troubles}, code="lines")

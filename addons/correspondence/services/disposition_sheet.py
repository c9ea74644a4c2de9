"""The disposition sheet (lembar disposisi) as PDF, filled in or to be filled in by hand (layout: formats 3.2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.correspondence.models.disposition import INSTRUCTIONS, Disposition
from addons.correspondence.models.letter import Letter
from addons.correspondence.services.giver import giver_block
from addons.organization.models.unit import Unit
from addons.organization.services.letterhead import letterhead_lines, letterhead_of
from app.addon import Printed, as_system, db, format_date, gettext, official_language, render_pdf, require, setting

TEMPLATE = "correspondence.disposition_sheet"
Sheet = dict[str, Any]


def sheet_of_disposition(disposition: Disposition) -> Printed:
    """The sheet of one disposition; it says so when the disposition was withdrawn or archived."""
    return _print(disposition.letter, [disposition], disposition.number)


def sheets_of_letter(letter: Letter) -> Printed:
    """The sheets of all dispositions on the letter, in the order in which they were given; before the first one, an
    empty sheet.
    """
    require(Disposition, "read", db.session())
    statement = select(Disposition).where(Disposition.letter_id == letter.id, Disposition.active)
    return _print(letter, list(db.session.scalars(statement.order_by(Disposition.id))), letter.agenda_number)


def blank_sheet(letter: Letter) -> Printed:
    """The sheet of a letter that is disposed of by hand."""
    return _print(letter, [], letter.agenda_number)


def _print(letter: Letter, dispositions: list[Disposition], name: str) -> Printed:
    with official_language(), as_system(db.session(), "a sheet is printed whole for whoever may read what it is about"):
        heads: dict[int | None, Any] = {}
        sheets = [_filled(item, heads) for item in dispositions] or [_blank()]
        data = {"letter": _letter(letter), "sheets": sheets}
        return render_pdf(TEMPLATE, data, f"{gettext('Disposition sheet')} {name}")


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "sender": letter.sender_name,
        "number": letter.letter_number or "-",
        "date": format_date(letter.letter_date) or "-",
        "received": format_date(letter.received_on),
        "agenda_number": letter.agenda_number,
        "subject": letter.subject,
        "very_urgent": letter.urgency == "very_urgent",
        "urgent": letter.urgency == "urgent",
        "secret": letter.nature in ("secret", "top_secret"),
    }


def _filled(disposition: Disposition, heads: dict[int | None, Any]) -> Sheet:
    unit = disposition.from_position.unit
    if unit.id not in heads:
        heads[unit.id] = letterhead_lines(unit, letterhead_of(unit.id))
    return {
        "letterhead": heads[unit.id],
        "number": disposition.number,
        "forwards": _forwards(disposition.parent),
        "recipients": [
            {"name": str(row.position), "withdrawn": row.state == "withdrawn"} for row in disposition.recipients
        ],
        "instructions": _instructions(disposition.instruction),
        "note": disposition.note,
        "due": format_date(disposition.due_on) or None,
        "date": format_date(disposition.disposed_on),
        "signature": giver_block(disposition),
        "mark": _mark(disposition),
    }


def _blank() -> Sheet:
    unit = db.session.scalar(select(Unit).where(Unit.parent_id.is_(None), Unit.active).order_by(Unit.id).limit(1))
    return {
        "letterhead": letterhead_lines(unit, letterhead_of(unit.id if unit is not None else None)),
        "number": None,
        "forwards": None,
        "recipients": [{"name": None, "withdrawn": False}] * setting("correspondence.blank_recipient_lines"),
        "instructions": _instructions([]),
        "note": None,
        "due": None,
        "date": None,
        "signature": None,
        "mark": None,
    }


def _instructions(ticked: list[str]) -> list[dict[str, Any]]:
    return [{"label": str(label), "ticked": code in ticked} for code, label in INSTRUCTIONS.items()]


def _forwards(parent: Disposition | None) -> str | None:
    return f"{parent.number}, {parent.from_position}" if parent is not None else None


def _mark(disposition: Disposition) -> str | None:
    if not disposition.active:
        return gettext("Archived")
    return gettext("Withdrawn") if disposition.state == "withdrawn" else None

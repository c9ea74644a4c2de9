"""The heading of a printed procedure: whose it is, its dates, and who approved it (Permenpan-RB 35/2012)."""

from __future__ import annotations

from typing import Any

from babel.dates import format_date as babel_date
from sqlalchemy import select

from addons.organization.models.letterhead import Letterhead
from addons.organization.models.position import Position
from addons.organization.services.holder import holders_of
from addons.procedures.models.procedure import IDENTITY, Procedure
from app.addon import (
    Invalid,
    as_system,
    current_scope,
    db,
    format_date,
    local,
    read_day,
    today_here,
)
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

DOTS = "." * 24
DAYS = ("made_on", "revised_on", "effective_on")
"""The days of the heading."""


def lines_above(procedure: Procedure) -> list[str]:
    """What stands above the unit: the authority that was filled in, else the letterhead of the institution."""
    session = db.session()
    authority = procedure.identity.get("authority") or []
    lines = [str(item) for item in ([authority] if isinstance(authority, str) else authority)]
    if current_scope(session) is None:
        return lines
    with as_system(session, "a paper carries its letterhead, whoever prints it"):
        head = session.scalar(select(Letterhead).where(Letterhead.active).order_by(Letterhead.id).limit(1))
    if head is not None:
        unit = str(procedure.identity.get("unit") or "").casefold()
        names = [*([] if lines else [head.authority]), "" if unit.startswith(head.name.casefold()) else head.name]
        lines += [name for name in names if name and name not in lines]
    return lines


OF_VERSION = ("revised_on", "effective_on")
"""Days that belong to one version: what was copied from the version before says nothing of the next."""
NEEDED = ("number", "made_on", "approved_by")
"""What the official form asks of every procedure and only people can tell."""


def said_here(procedure: Procedure, key: str) -> Any:
    """What this version itself says in a row of its heading; a day copied from the version before is none."""
    said = procedure.identity.get(key)
    before = procedure.previous.identity.get(key) if procedure.previous is not None else None
    return None if key in OF_VERSION and procedure.previous is not None and said == before else said


def head_value(procedure: Procedure, key: str) -> str:
    """A row of the heading. A version that says no days of its own bears the day on which it was drafted as revised,
    and the day on which it comes into force, so that the papers of two versions differ.
    """
    said = said_here(procedure, key)
    if said or procedure.shipped_edition is not None:
        return str(said or procedure.identity.get(key) or "-")
    is_next = procedure.previous is not None
    days: dict[str, Any] = {
        "revised_on": local(procedure.created_at) if is_next and procedure.created_at else None,
        "effective_on": procedure.in_force_from,
    }
    day = days.get(key)
    return format_date(day) if day else str(procedure.identity.get(key) or "-")


def missing_rows(procedure: Procedure) -> list[str]:
    """What the official form still lacks in its heading, by title."""
    return [str(IDENTITY[key]) for key in NEEDED if not procedure.identity.get(key)]


def heading_day(text: str) -> str:
    """A day of the heading as official papers write it; ``-`` for none, as papers say it. Raises `Invalid`."""
    if text in {"", "-"}:
        return text
    try:
        day = read_day(text)
    except ValueError:
        day = None
    try:
        # In words, for editions are carried over before there is an application whose language could be asked.
        return babel_date(day or read_day(text, today_here()), "d MMMM yyyy", locale="id")
    except ValueError:
        message = _l("Not a date. Write it like %(example)s.", example="3 Maret 2025")
        raise Invalid(message, {"value": [message]}) from None


def signature_lines(procedure: Procedure) -> list[str]:
    """Name, rank and NIP of who holds the approving position on the day of the version; dots for what is not known."""
    session = db.session()
    title = str(procedure.identity.get("approved_by") or "").strip()
    holder = None
    if title and current_scope(session) is not None:
        with as_system(session, "a paper names who approved it, whoever prints it"):
            position = session.scalar(select(Position).where(Position.title == title, Position.active).limit(1))
            found = holders_of(position.id, procedure.in_force_from or today_here()) if position is not None else []
            holder = found[0] if found else None
    if holder is None:
        return [DOTS, _("Rank: %(rank)s", rank=DOTS), f"NIP {DOTS}"]
    name = holder.name_in_letters or str(holder.user)
    return [name, holder.rank or DOTS, f"NIP {holder.civil_servant_number or DOTS}"]

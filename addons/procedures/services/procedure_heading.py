"""The heading of a printed procedure: whose it is, its dates, and who approved it (Permenpan-RB 35/2012)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.organization.models.letterhead import Letterhead
from addons.organization.models.position import Position
from addons.organization.services.holder import holders_of
from addons.procedures.models.procedure import Procedure
from app.addon import as_system, current_scope, db, format_date, local, today_here
from app.addon import gettext as _

DOTS = "." * 24


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


def head_value(procedure: Procedure, key: str) -> str:
    """A row of the heading. A version that says no dates of its own bears the day on which it was drafted as revised,
    and the day on which it comes into force, so that the papers of two versions differ.
    """
    said = procedure.identity.get(key)
    before = procedure.previous.identity.get(key) if procedure.previous is not None else None
    if (said and said != before) or procedure.previous is None:
        return str(said or "-")
    days: dict[str, Any] = {"revised_on": local(procedure.created_at), "effective_on": procedure.in_force_from}
    day = days.get(key)
    return format_date(day) if day else str(said or "-")


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

"""The days from and until which somebody has a role, with their history."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder.security.sqla.models import User
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.administration import assignment_here, change_dates, institution_here
from app.access.role_assignment import RoleAssignment
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date
from app.records.audit_entry import AuditEntry, history_of
from app.registry.roles import role_choices
from app.views.history import HistoryLine, names_of
from app.views.page_view import PageView, route

DATES = {"date_from": _l("From"), "date_to": _l("Until")}


class AssignmentsPage(PageView):
    """``/kernel/assignments``."""

    path = "assignments"

    @route("/<int:assignment_id>")
    def days(self, assignment_id: int) -> str:
        """The days of one assignment, and what they were before."""
        self.enter(RoleAssignment)
        return self._page(assignment_id)

    @route("/<int:assignment_id>", methods=["POST"])
    def change(self, assignment_id: int) -> Response | tuple[str, int]:
        """Save other days."""
        self.enter(RoleAssignment, "write")
        try:
            change_dates(db.session(), assignment_id, _day("date_from"), _day("date_to"))
        except (Conflict, Forbidden, Invalid) as refusal:
            db.session.rollback()
            return self._page(assignment_id, refusal.message), refusal.status
        flash(_l("The days were saved."), "success")
        return redirect(f"/kernel/assignments/{assignment_id}")

    def _page(self, assignment_id: int, refusal: Any = None) -> str:
        session = db.session()
        row = assignment_here(session, assignment_id)
        return self.render(
            "administration/assignment.html",
            row=row,
            person=session.get(User, row.user_id),
            title=role_choices(institution_here(session), session).get(row.role, row.role),
            entries=_readable(history_of(session, row)),
            days={name: request.form.get(name, getattr(row, name) or "") for name in DATES},
            may_write=current_access().may(RoleAssignment, "write"),
            refusal=refusal,
        )


def _readable(entries: list[AuditEntry]) -> list[HistoryLine]:
    people = names_of({entry.user_id for entry in entries})
    return [
        HistoryLine(
            entry.at, people.get(entry.user_id or 0, str(_l("System"))), entry.operation, _changes(entry.old, entry.new)
        )
        for entry in entries
    ]


def _changes(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    before, after = old or {}, new or {}
    return [
        (str(label), _text(before.get(name)), _text(after.get(name)))
        for name, label in DATES.items()
        if name in {**before, **after}
    ]


def _text(value: str | None) -> str:
    return format_date(date.fromisoformat(value)) if value else str(_l("open"))


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_l("Not a valid date.")) from None

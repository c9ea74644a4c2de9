"""Handing a case over to another unit."""

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select

from addons.organization.models.unit import Unit
from addons.procedures.models.case import Case
from addons.procedures.services.handover import hand_over
from app.addon import PageView, SinergiError, current_access, db, route, view_of
from app.addon import lazy_gettext as _l


class CaseHandoverPage(PageView):
    """``/procedures/handover``: to whom, and why."""

    path = "handover"

    @route("/<int:pk>", methods=["GET", "POST"])
    def index(self, pk: int) -> Any:
        """The form; a refused one is shown again with what was typed."""
        self.enter(Case, "hand_over")
        view: Any = view_of(Case)
        case = view.load(pk)
        current_access().require(Case, "hand_over", db.session(), case)
        if request.method == "GET":
            return self._page(case)
        try:
            done = hand_over(db.session(), case, _unit_sent(), request.form.get("reason"))
        except SinergiError as refusal:
            db.session.rollback()
            return self._page(view.load(pk), refusal), refusal.status
        flash(_l("The case is with %(unit)s now.", unit=str(done.to_unit)), "success")
        return redirect(view.url("show", pk=pk))

    def _page(self, case: Case, refusal: SinergiError | None = None) -> str:
        return self.render(
            "procedures/handover.html",
            case=case,
            units=db.session.scalars(select(Unit).where(Unit.active).order_by(Unit.name)).all(),
            typed=request.form if refusal else None,
            refusal=refusal,
            errors=refusal.errors if refusal else {},
        )


def _unit_sent() -> Unit | None:
    text = request.form.get("unit", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return db.session.scalar(select(Unit).where(Unit.id == int(text), Unit.active))

"""Who does a task today, and the way to name somebody for it."""

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for

from addons.organization.services.holder import holders_of
from addons.procedures.models.task import Task
from addons.procedures.services.delegation import delegates_of, is_vacant, may_name, name_person, people_for
from app.addon import Invalid, PageView, SinergiError, db, names_of, record_panel, route, today_here, view_of
from app.addon import lazy_gettext as _l


@record_panel("procedures.Task", "assignment", _l("Who does this task"))
def assignment_of(task: Task) -> tuple[str, dict[str, Any]]:
    """The holders of the position today, whom somebody named, and what to do when there is nobody."""
    session, position_id = db.session(), task.position_wanted_id
    named = delegates_of(session, [task])
    return "procedures/assignment.html", {
        "task": task,
        "position": task.position or task.step.executor.position,
        "holders": holders_of(position_id, today_here()) if position_id is not None else [],
        "vacant": is_vacant(session, task),
        "named": named,
        "givers": names_of({item.created_by_id for item in named}),
        "today": today_here(),
        "may_name": may_name(session, task),
    }


class TaskDelegationPage(PageView):
    """``/procedures/delegation``: naming a person for a task."""

    path = "delegation"

    @route("/<int:pk>", methods=["GET", "POST"])
    def index(self, pk: int) -> Any:
        """The form; a refused one is shown again with what was typed."""
        self.enter(Task, "delegate")
        view: Any = view_of(Task)
        task = view.load(pk)
        if request.method == "GET":
            return self._page(task)
        try:
            named = name_person(db.session(), task, *_sent())
        except SinergiError as refusal:
            db.session.rollback()
            return self._page(view.load(pk), refusal), refusal.status
        flash(_l("%(person)s may do this task now.", person=str(named.user)), "success")
        return redirect(url_for("procedures_task.show", pk=pk))

    def _page(self, task: Task, refusal: SinergiError | None = None) -> str:
        session = db.session()
        return self.render(
            "procedures/delegation.html",
            task=task,
            people=people_for(session, task) if may_name(session, task) else [],
            may_name=may_name(session, task),
            typed=request.form if refusal else None,
            refusal=refusal,
            errors=refusal.errors if refusal else {},
            today=today_here(),
        )


def _sent() -> tuple[int | None, date | None, str]:
    person, until = request.form.get("user", ""), request.form.get("until", "")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        message = _l("This is not a date.")
        raise Invalid(message, {"until": [message]}) from None
    number = int(person) if person.isascii() and person.isdigit() and len(person) < 10 else None
    return number, day, request.form.get("reason", "")

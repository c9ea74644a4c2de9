""" "My work": what waits for the person who is signed in, and for the team of a head."""

from typing import Any

from flask import flash, g, redirect, request, url_for

from addons.procedures.models.task import Task
from addons.procedures.services.assignee import for_me, of_positions
from addons.procedures.services.case import done_words
from addons.procedures.services.my_work import my_sections
from addons.procedures.services.task import TaskService
from addons.procedures.services.work_list import (
    SHOWS,
    is_simple,
    my_positions,
    team_positions,
    work_of,
)
from app.addon import (
    Conflict,
    MenuLink,
    OwnActivity,
    PageView,
    SinergiError,
    add_menu_link,
    current_access,
    db,
    finish_my_activity,
    my_activities,
    route,
    today_here,
    view_of,
)
from app.addon import lazy_gettext as _l


class MyWorkPage(PageView):
    """``/procedures/my_work/?position=7&show=late``: what waits for me, the most pressing first."""

    path = "my_work"

    @route("/")
    def index(self) -> str:
        """The tasks of the positions I hold."""
        self.enter(Task)
        session, positions = db.session(), my_positions(db.session())
        chosen, show = _chosen({item.id for item in positions})
        found = work_of(session, of_positions({chosen}) if chosen else for_me(session), show)
        return self.render(
            "procedures/my_work.html",
            found=found,
            mine=[task for task in found.tasks if task.taken_by_id == g.user.id],
            waiting=[task for task in found.tasks if task.state == "waiting"],
            others=[task for task in found.tasks if task.state == "taken" and task.taken_by_id != g.user.id],
            sections=[] if show else my_sections(session),
            activities=_activities(session, show) if chosen is None else [],
            positions=positions,
            **_shown(chosen, show),
        )

    @route("/team")
    def team(self) -> str:
        """The tasks of the positions under mine, the late ones first."""
        self.enter(Task)
        session, positions = db.session(), team_positions(db.session())
        chosen, show = _chosen({item.id for item in positions})
        ids = {chosen} if chosen else {item.id for item in positions}
        found = work_of(session, of_positions(ids), show)
        return self.render("procedures/team.html", found=found, positions=positions, **_shown(chosen, show))

    @route("/<int:pk>/<name>", methods=["POST"])
    def act(self, pk: int, name: str) -> Any:
        """Take a task, or finish one that asks for nothing more, without leaving the list; what asks for more opens."""
        self.enter(Task, "take" if name == "take" else "done")
        service = TaskService()
        task = service.get(pk)
        try:
            if name == "take":
                service.take(task)
                flash(_l("The task is yours; its time runs."), "success")
                if not is_simple(task):
                    return redirect(view_of(Task).url("show", pk=task.id))
            else:
                service.done(task, [], {}, None)
                flash(done_words(task), "success")
        except SinergiError as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(url_for("procedures_my_work_page.index", **_query(request.form)))

    @route("/activities/<int:pk>/done", methods=["POST"])
    def finish_activity(self, pk: int) -> Any:
        """What was planned for me on a record is done."""
        self.enter(Task)
        try:
            finish_my_activity(db.session(), pk)
            flash(_l("Done."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(url_for("procedures_my_work_page.index", **_query(request.form)))


def _activities(session: Any, show: str) -> list[OwnActivity]:
    """What is planned for me on records; it is neither taken nor paused."""
    found = my_activities(session) if show in {"", "late"} else []
    return [item for item in found if not show or item.activity.is_overdue]


def _chosen(known: set[int]) -> tuple[int | None, str]:
    """The position and the part of the list that were asked for, if there are such."""
    query = _query(request.args)
    position = query.get("position", "")
    chosen = int(position) if position.isascii() and position.isdigit() and len(position) < 10 else None
    return (chosen if chosen in known else None), query.get("show", "")


def _query(values: Any) -> dict[str, str]:
    show = values.get("show", "")
    found = {"position": values.get("position", "")[:10], "show": show if show in SHOWS else ""}
    return {name: value for name, value in found.items() if value}


def _shown(chosen: int | None, show: str) -> dict[str, Any]:
    access = current_access()
    return {
        "chosen": chosen,
        "show": show,
        "shows": SHOWS,
        "today": today_here(),
        "is_simple": is_simple,
        "may_take": access.may(Task, "take"),
        "may_finish": access.may(Task, "done"),
        "me": g.user.id,
    }


add_menu_link(
    MenuLink(_l("My work"), "procedures_my_work_page.index", "briefcase", "procedures", 1, "procedures.Task", top=True)
)

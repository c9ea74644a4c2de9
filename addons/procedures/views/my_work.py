""" "My work": what waits for the person who is signed in."""

from flask import g

from addons.procedures.models.task import Task
from addons.procedures.services.my_work import my_sections, my_tasks
from app.addon import (
    MenuLink,
    PageView,
    add_menu_link,
    db,
    route,
    today_here,
)
from app.addon import lazy_gettext as _l


class MyWorkPage(PageView):
    """``/procedures/my_work``: what waits for me, oldest first."""

    path = "my_work"

    @route("/")
    def index(self) -> str:
        """The tasks of the positions I hold."""
        self.enter(Task)
        tasks = my_tasks(db.session)
        mine = [task for task in tasks if task.taken_by_id == g.user.id]
        waiting = [task for task in tasks if task.state == "waiting"]
        others = [task for task in tasks if task.state == "taken" and task.taken_by_id != g.user.id]
        sections = my_sections(db.session)
        return self.render(
            "procedures/my_work.html", mine=mine, waiting=waiting, others=others, sections=sections, today=today_here()
        )


add_menu_link(
    MenuLink(_l("My work"), "procedures_my_work_page.index", "briefcase", "procedures", 1, "procedures.Task", top=True)
)

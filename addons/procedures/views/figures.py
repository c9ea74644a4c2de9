"""The figures of procedures, with the tasks behind each."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy import select

from addons.procedures.models.procedure import PUBLISHED, Procedure
from addons.procedures.models.task import Task
from addons.procedures.services.figures import GROUPS, Figure, Period, figures, step_heat, tasks_behind
from addons.procedures.services.figures_export import figures_csv, figures_xlsx
from addons.procedures.services.heat_map import DEGREES, heat_map
from app.addon import BadRequest, MenuLink, PageView, add_menu_link, db, format_date, require_seen, route, today_here
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

NAMES = {"procedure": _l("Procedure"), "step": _l("Step"), "executor": _l("Executor"), "month": _l("Month")}


class FiguresPage(PageView):
    """``/procedures/figures/?code=…&by=step&first=…&last=…``."""

    path = "figures"

    @route("/")
    def index(self) -> str:
        """The figures of a procedure; of the first one when none was chosen."""
        self._enter()
        codes, asked = _codes(), _asked()
        code = asked["code"] or next(iter(codes), "")
        lines = figures(db.session(), code, asked["by"], asked["period"])
        by_step = asked["by"] == "step"
        heat = step_heat(db.session(), code, lines) if by_step else {}
        hot = heat_map(db.session(), code, lines) if by_step and lines else None
        shown = {"codes": codes, "code": code, "by": asked["by"], "period": asked["period"], "names": NAMES}
        return self.render("procedures/figures.html", lines=lines, heat=heat, hot=hot, degrees=DEGREES, **shown)

    @route("/tasks")
    def tasks(self) -> str:
        """The tasks behind one figure."""
        self._enter()
        asked, key, now = _asked(), request.args.get("key", ""), request.args.get("now") == "1"
        found = tasks_behind(db.session(), asked["code"], asked["by"], key, asked["period"], now=now)
        return self.render("procedures/figure_tasks.html", tasks=found, key=key, now=now, **asked)

    @route("/export/<kind>")
    def export(self, kind: str) -> Any:
        """What the page shows, as XLSX or CSV."""
        self._enter()
        asked = _asked()
        if kind not in ("xlsx", "csv"):
            raise BadRequest(_l("There is no such export."))
        lines: list[Figure] = figures(db.session(), asked["code"], asked["by"], asked["period"])
        title = _("Figures of %(code)s", code=asked["code"] or "-")
        if kind == "csv":
            return self.print_out(figures_csv(title, lines))
        return self.print_out(figures_xlsx(title, lines, _note(asked["period"])))

    def _enter(self) -> None:
        """Figures are of tasks, and of the procedure of a code."""
        self.enter(Task)
        self.enter(Procedure)
        require_seen(Procedure, "code")


def _codes() -> dict[str, str]:
    """The procedures of the institution by code, with the title of the newest version that was ever in force."""
    statement = select(Procedure.code, Procedure.title).where(Procedure.state.in_(PUBLISHED))
    statement = statement.order_by(Procedure.code, Procedure.edition)
    return {str(code): str(title) for code, title in db.session.execute(statement)}


def _asked() -> dict[str, Any]:
    by = request.args.get("by", "step")
    if by not in GROUPS:
        raise BadRequest(_l("There are no such figures."))
    period = Period(_day("first"), _day("last"))
    if period.first and period.last and period.last < period.first:
        raise BadRequest(_l("The last day is before the first."))
    code = request.args.get("code", "")
    return {"code": code if "\x00" not in code else "", "by": by, "period": period}


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest(_l("This is no day: %(text)s.", text=text[:40])) from None
    if day is not None and not 1900 <= day.year <= 9000:
        raise BadRequest(_l("This is no day: %(text)s.", text=text[:40]))
    return day


def _note(period: Period) -> str:
    words = {"first": format_date(period.first) or "…", "last": format_date(period.last or today_here())}
    return _("%(first)s to %(last)s", **words)


add_menu_link(
    MenuLink(
        _l("Performance figures"),
        "procedures_figures_page.index",
        "chart-bar",
        "procedures",
        40,
        "procedures.Procedure",
    )
)

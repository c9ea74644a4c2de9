"""One use of each extension point that is neither a column, a hook nor a job."""

from typing import Any

from addons.dummy.models.note import Note
from sqlalchemy import func, select

from app.addon import (
    Conflict,
    MenuLink,
    PageView,
    add_menu_link,
    dashboard_card,
    db,
    fill_slot,
    record_action,
    record_panel,
    route,
    service_of,
    setting,
)
from app.addon import lazy_gettext as _l


@record_action("partners.Partner", "dummy_praise", _l("Dummy praise"), icon="star", in_list=True)
def praise(partners: list[Any]) -> Any:
    """Rate the partners one better; the best cannot be praised."""
    for partner in partners:
        if partner.dummy_rating == 5:
            raise Conflict(_l("This partner has the best dummy rating."), code="dummy_best")
        service_of(type(partner)).update(partner, {"dummy_rating": (partner.dummy_rating or 0) + 1})
    return _l("Praised by dummy.")


@dashboard_card("dummy.count", _l("Dummy notes"), "dummy.Note", icon="tag")
def count_notes() -> tuple[str, dict[str, Any]]:
    """How many notes there are."""
    return "dummy/count.html", {"count": db.session.scalar(select(func.count()).select_from(Note))}


@record_panel("partners.Partner", "dummy_notes", _l("Dummy panel"))
def notes_of(partner: Any) -> tuple[str, dict[str, Any]] | None:
    """The rating, where there is one."""
    return ("dummy/count.html", {"count": partner.dummy_rating}) if partner.dummy_rating else None


@fill_slot("kernel.home")
def greet() -> tuple[str, dict[str, Any]] | None:
    """The greeting, where the institution has set one."""
    greeting = setting("dummy.greeting")
    return ("dummy/greeting.html", {"greeting": greeting}) if greeting else None


@fill_slot("kernel.list")
@fill_slot("kernel.form")
@fill_slot("kernel.record")
def greet_partners(view: Any, record: Any = None) -> tuple[str, dict[str, Any]] | None:
    """The same on the screens of partners."""
    return greet() if view.key == "partners.Partner" else None


class ExtraPage(PageView):
    """``/dummy/extra``."""

    path = "extra"

    @route("/")
    def index(self) -> str:
        """A page of dummy's own."""
        self.enter(Note)
        return self.render("dummy/extra.html")


add_menu_link(MenuLink(_l("Dummy page"), "dummy_extra_page.index", "star", "dummy", 90, "dummy.Note"))

"""The overview: the cards that addons contribute, in the order that a person likes."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.dashboard.dashboard_layouts import arrange, arranged, forget_arrangement
from app.database.session import db
from app.i18n import lazy_gettext as _l
from app.views.cards import Card, my_cards
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

ADDRESS = "/kernel/dashboard/"

add_menu_link(
    MenuLink(
        _l("Overview"),
        "kernel_dashboard_page.index",
        "layout-dashboard",
        sequence=2,
        top=True,
        is_offered=lambda: bool(my_cards()),
    )
)


class DashboardPage(PageView):
    """``/kernel/dashboard``."""

    path = "dashboard"

    @route("/")
    def index(self) -> str:
        """The cards; each is fetched by itself."""
        self.enter()
        cards, hidden = _my_order()
        shown = [card for card in cards if card.name not in hidden]
        return self.render("dashboard/page.html", cards=shown, hidden=len(hidden))

    @route("/arrange")
    def arrange(self) -> str:
        """The order, and what is hidden."""
        self.enter()
        cards, hidden = _my_order()
        return self.render("dashboard/arrange.html", cards=cards, hidden=hidden)

    @route("/arrange", methods=["POST"])
    def change(self) -> Response:
        """Save what is ticked; one of the buttons moves a card as well."""
        self.enter()
        if "default" in request.form:
            forget_arrangement(db.session())
            flash(_l("The overview is arranged as it came."), "success")
            return redirect(f"{ADDRESS}arrange")
        moved, step = _moved()
        names = [card.name for card in my_cards()]
        wanted, shown = request.form.getlist("order"), request.form.getlist("shown")
        arrange(db.session(), names, shown, order=wanted, moved=moved, step=step)
        if moved:
            return redirect(f"{ADDRESS}arrange#{moved}")
        flash(_l("Your overview was saved."), "success")
        return redirect(ADDRESS)


def _moved() -> tuple[str, int]:
    for name, step in (("up", -1), ("down", 1)):
        if request.form.get(name) in {card.name for card in my_cards()}:
            return request.form[name], step
    return "", 0


def _my_order() -> tuple[list[Card], frozenset[str]]:
    known = {card.name: card for card in my_cards()}
    names, hidden = arranged(db.session(), list(known))
    return [known[name] for name in names], hidden

"""The addons of the platform: what is there, and having the owner's agent install, upgrade, retire or purge one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, flash, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access.acting import institutions
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.registry import requests
from app.registry.addon_enablement import AddonEnablement
from app.registry.addon_request import COMMANDS, AddonRequest
from app.registry.discovery import survey
from app.registry.installed_addon import INSTALLED, RETIRED, InstalledAddon
from app.registry.manifest import Manifest
from app.views.page_view import PageView, route

STATES = {
    "asked": _l("Being planned"),
    "planned": _l("Waiting for you"),
    "confirmed": _l("Confirmed"),
    "running": _l("Running"),
    "done": _l("Done"),
    "refused": _l("Refused"),
    "cancelled": _l("Cancelled"),
}
STEPS = {
    "Check": _l("Check"),
    "Try the code in a process of its own": _l("Try the code in a process of its own"),
    "Load the code": _l("Load the code"),
    "Migrate": _l("Migrate"),
    "Load the data": _l("Load the data"),
    "Announce it": _l("Announce it"),
    "Try the others in a process of their own": _l("Try the others in a process of their own"),
    "Ask what needs it": _l("Ask what needs it"),
    "Wait until no process has it loaded": _l("Wait until no process has it loaded"),
    "Export": _l("Export"),
    "Remove": _l("Remove"),
}
"""The steps as commands print them, for the page in the reader's language."""

UNDER_WAY = frozenset({"asked", "confirmed", "running"})
ADDON_STATES = {
    "available": (_l("Available"), "secondary"),
    "installed": (_l("Installed"), "green"),
    "retired": (_l("Retired"), "orange"),
    "purged": (_l("Purged"), "secondary"),
    "missing": (_l("Folder is missing"), "red"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One addon on the page: what is there, what the database has, the titles of what it ``needs``, and what can be
    asked for.
    """

    name: str
    title: str
    summary: str
    version: str
    installed_version: str
    state: str
    needs: list[str]
    enabled_for: list[str]

    @property
    def commands(self) -> list[str]:
        """What can be asked for in this state."""
        if self.state == "installed":
            newer = self.version != self.installed_version
            return ["upgrade", "retire"] if newer else ["retire"]
        return {"missing": ["retire"], "retired": ["install", "purge"]}.get(self.state, ["install"])


class AddonRequestsPage(PageView):
    """``/kernel/addon-requests``: for whoever administers the platform."""

    path = "addon-requests"

    @route("/")
    def index(self) -> str:
        """A card per addon, and the latest requests."""
        self.enter()
        requests.require_platform()
        cards, problems = addon_cards()
        return self._page(
            "administration/addon_platform.html", cards=cards, problems=problems, latest=requests.latest(db.session())
        )

    @route("/ask", methods=["POST"])
    def ask(self) -> Response:
        """Ask for a command; its plan comes first."""
        self.enter()
        asked = requests.ask(db.session(), request.form.get("command", ""), request.form.get("addon", ""))
        return redirect(f"/kernel/addon-requests/{asked.id}")

    @route("/<int:pk>")
    def show(self, pk: int) -> str:
        """One request: its plan, its confirmation, its progress, its log."""
        self.enter()
        return self._page("administration/addon_request.html", asked=requests.request_of(db.session(), pk))

    @route("/<int:pk>/progress")
    def progress(self, pk: int) -> str:
        """The changing part of it, for the script that looks again and again."""
        self.enter()
        return self._page("administration/addon_progress.html", asked=requests.request_of(db.session(), pk))

    @route("/<int:pk>/confirm", methods=["POST"])
    def confirm(self, pk: int) -> Response:
        """Have it done."""
        self.enter()
        try:
            typed, forced = request.form.get("typed", "").strip(), request.form.get("forced") == "1"
            requests.confirm(db.session(), pk, typed=typed, forced=forced)
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(f"/kernel/addon-requests/{pk}")

    @route("/<int:pk>/cancel", methods=["POST"])
    def cancel(self, pk: int) -> Response:
        """Take it back."""
        self.enter()
        try:
            requests.cancel(db.session(), pk)
            flash(_l("The request is cancelled. Nothing was changed."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect("/kernel/addon-requests/")

    def _page(self, template: str, **values: object) -> str:
        agent = requests.has_agent(db.session())
        asked = values.get("asked")
        parts = plan_parts(asked) if isinstance(asked, AddonRequest) else []
        shared = {"states": STATES, "commands": COMMANDS, "under_way": UNDER_WAY}
        shared |= {"addon_states": ADDON_STATES, "steps": STEPS}
        return self.render(template, agent=agent, parts=parts, **shared, **values)


def addon_cards() -> tuple[list[Card], list[str]]:
    """A card for every addon that was found or is known to the database, and what is wrong with manifests."""
    found, problems = survey(current_app.config["SETTINGS"].addons_path)
    session = db.session()
    known = {row.name: row for row in session.scalars(select(InstalledAddon))}
    codes = {key: name for key, (_code, name, _zone) in institutions().items()}
    enabled: dict[str, list[str]] = {}
    for addon, institution_id in session.execute(
        select(AddonEnablement.addon, AddonEnablement.institution_id)
        .where(AddonEnablement.enabled)
        .order_by(AddonEnablement.institution_id)
    ):
        enabled.setdefault(addon, []).append(codes.get(institution_id, str(institution_id)))
    names = sorted(found.keys() | known.keys())
    titles = {name: _title_of(name, found.get(name), known.get(name)) for name in names}
    return [_card(titles, name, found.get(name), known.get(name), enabled.get(name, [])) for name in names], problems


def _title_of(name: str, manifest: Manifest | None, row: InstalledAddon | None) -> str:
    return _(manifest.title) if manifest else (row.title if row else "") or name


def _card(
    titles: dict[str, str], name: str, manifest: Manifest | None, row: InstalledAddon | None, enabled_for: list[str]
) -> Card:
    state = row.state if row is not None else "available"
    if manifest is None and state == INSTALLED:
        state = "missing"
    return Card(
        name,
        titles[name],
        _(manifest.summary) if manifest and manifest.summary else "",
        manifest.version if manifest else "",
        row.version if row is not None and row.state in {INSTALLED, RETIRED} else "",
        state,
        [titles.get(other, other) for other in (manifest.depends if manifest else row.depends if row else ())],
        enabled_for,
    )


def plan_parts(asked: AddonRequest) -> list[tuple[str, list[str]]]:
    """The plan as headings with lines; empty ones are left out."""
    plan = asked.plan
    rows, filled = _("%(name)s (%(count)s rows)"), _("%(name)s (filled in %(count)s records)")
    parts = [
        (_("Installs"), plan.get("installs", [])),
        (_("Enabled for"), plan.get("enabled_for", [])),
        (_("Needed by"), plan.get("dependents", [])),
        (_("Migrations"), plan.get("migrations", [])),
        (_("Tables"), [rows % {"name": k, "count": v} for k, v in plan.get("tables", {}).items()]),
        (_("Columns"), [filled % {"name": k, "count": v} for k, v in plan.get("columns", {}).items()]),
        (_("Rights"), [rows % {"name": k, "count": v} for k, v in plan.get("rights", {}).items()]),
        (_("Jobs"), plan.get("jobs", [])),
        (_("Gates"), plan.get("gates", [])),
        (_("Data records"), [f"{k} ({v})" for k, v in plan.get("data", {}).items()]),
    ]
    return [(heading, lines) for heading, lines in parts if lines]

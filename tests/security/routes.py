"""The URL map as tests walk it: every address of the application with real ids in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule

from tests.security.world import World

PUBLIC = {
    "HomeView.choose_language",
    "LoginView.login", "LoginView.second_step", "LoginView.provider", "LoginView.oauth_authorized",
    "LoginView.saml_acs", "LoginView.saml_finish", "LoginView.saml_metadata",
    "kernel_forgotten_password_page.ask", "kernel_new_password_page.open", "kernel_invitation_page.open",
    "SecurityApi.login", "SecurityApi.refresh", "static", "colours", "health",
}  # fmt: skip
"""What answers without a signed-in user."""

SWITCHED_OFF = {"UtilView.back", "appbuilder.static", "LocaleView.index"}
"""What Flask-AppBuilder registers by itself and we answer with 404."""


PLATFORM = "kernel_addon_requests_page."
"""What belongs to the platform and to no institution: its administrator alone is let in."""


@dataclass(frozen=True)
class Address:
    """One address: ``path`` with ids filled in, and the model it is about (``""`` for pages that belong to none)."""

    rule: Rule
    path: str
    model: str = ""

    @property
    def name(self) -> str:
        """The method of the view behind it."""
        return str(self.rule.endpoint).split(".")[-1]

    @property
    def has_record(self) -> bool:
        """Whether it names one record."""
        return "pk" in self.rule.arguments


def rules(world: World, method: str) -> list[Rule]:
    """The rules of the application that take ``method``."""
    return [rule for rule in world.app.url_map.iter_rules() if method in (rule.methods or ())]


def views_by_endpoint() -> dict[str, Any]:
    """Blueprint → screens, for pages and for the API."""
    from app.views.model_view import views

    found = {view.endpoint: view for view in views.values()}
    return found | {f"api_{view.resource}": view for view in views.values() if view.resource}


def addresses(world: World, method: str, institution: str = "kendal") -> Iterator[Address]:
    """Every address for ``method``, with the ids of the marked records of ``institution``."""
    for rule in rules(world, method):
        if str(rule.endpoint) not in SWITCHED_OFF:
            yield from _filled(world, rule, institution)


def _filled(world: World, rule: Rule, institution: str) -> Iterator[Address]:
    view = views_by_endpoint().get(str(rule.endpoint).split(".")[0])
    if view is None:
        yield from (Address(rule, path) for path in _special(world, rule, institution))
        return
    pk = world.ids[institution][view.key]
    values: dict[str, Any] = {"pk": pk, "file_id": world.files[institution].get(view.key, 1), "filter_id": 1}
    values |= {"activity_id": world.planned[institution][view.key], "outcome": "done", "page": 1}
    for more in _more(world, rule, view):
        yield Address(rule, _build(rule, {**values, **more}), view.key)


def _more(world: World, rule: Rule, view: Any) -> list[dict[str, Any]]:
    from app.database.base import models
    from app.records.actions import actions_of
    from app.views.panels import _panels

    name = str(rule.endpoint).split(".")[-1]
    if name == "related_list":
        return [{"place": place} for place in range(len(view.related))]
    if name == "panel":
        return [{"name": panel.name} for panel in _panels.get(view.key, ())] or [{"name": "none"}]
    if name == "related":
        return [{"name": column} for column in _link_columns(view)]
    if name == "print_out":
        return [{"name": item.name} for item in view.prints] or [{"name": "none"}]
    if name in {"act", "act_on_chosen"}:
        return [{"name": action.name} for action in actions_of(view.key)] or [{"name": "none"}]
    if name in {"do", "move", "ask"}:
        steps = [step for step in getattr(models[view.key], "__transitions__", ()) if name != "ask" or step.asks]
        return [{"name": step.name} for step in steps] or [{"name": "none"}]
    if name == "quick":
        return [{"name": column} for column in view.quick_edit] or [{"name": "none"}]
    if name == "move_chosen":
        return [{"name": "archive"}, {"name": "none"}]
    return [{}]


def _link_columns(view: Any) -> list[str]:
    from app.views.fields import field_of

    declared = dict.fromkeys(
        (*view.form_columns, *(view.add_columns or ()), *(view.edit_columns or ()), *view.filter_columns)
    )
    return [name for name in declared if field_of(view.model, name).kind == "relation"]


def _special(world: World, rule: Rule, institution: str) -> list[str]:
    """Addresses of pages without a model of their own. A new one needs a line here."""
    from app.views.cards import cards
    from app.views.model_view import views

    ids = world.ids[institution]
    path, endpoint = rule.rule, str(rule.endpoint)
    if endpoint == "HomeView.lookup":
        return [f"/lookup/{key}/{name}" for key, view in views.items() for name in _link_columns(view)]
    if endpoint == "HomeView.card":
        return [f"/card/{name}" for name in cards] or ["/card/none"]
    known = {
        "kernel_roles_page": {"role": f"{institution}.staf", "model": "partners.Partner"},
        "kernel_assignments_page": {"assignment_id": _assignment(world, institution)},
        "kernel_viewing_page": {"user_id": _user_id(world, institution)},
        "kernel_people_page": {
            "user_id": _user_id(world, institution),
            "assignment_id": _assignment(world, institution),
        },
        "kernel_person_page": {"user_id": _user_id(world, institution)},
        "kernel_profile_page": {"pk": 1},
        "kernel_invitations_page": {"pk": 1},
        "kernel_notifications_page": {"pk": 1},
        "api_notification": {"pk": 1},
        "kernel_invitation_page": {"secret": "x" * 43},
        "kernel_new_password_page": {"secret": "x" * 43},
        "LoginView": {"provider": "elsewhere"},
        "kernel_addons_page": {"addon": "activities"},
        "kernel_addon_requests_page": {"pk": 1},
        "kernel_settings_page": {"addon": "rooms", "key": "opens_at"},
        "SettingsApi": {"addon": "rooms"},
        "kernel_jobs_page": {"pk": ids["kernel.JobRun"]},
        "kernel_my_jobs_page": {"pk": ids["kernel.JobRun"]},
        "kernel_mail_page": {"pk": ids["kernel.OutgoingMail"]},
        "procedures_confirmation_page": {"pk": ids["procedures.Confirmation"]},
        "procedures_procedure_editor": {"pk": ids["procedures.Procedure"]},
        "procedures_procedure_version_page": {"pk": ids["procedures.Procedure"], "kind": "yaml"},
        "procedures_task_work_page": {"pk": ids["procedures.Task"]},
        "procedures_figures_page": {"kind": "xlsx"},
        "procedures_my_work_page": {"pk": ids["procedures.Task"], "name": "take"},
        "procedures_task_delegation_page": {"pk": ids["procedures.Task"]},
        "procedures_case_handover_page": {"pk": ids["procedures.Case"]},
        "procedures_case_members_page": {"pk": ids["procedures.Case"]},
        "activities_attendance_entry_page": {"pk": ids["activities.Activity"]},
        "procedures_case_records_page": {"pk": ids["procedures.Case"]},
        "kernel_appearance_page": {"pk": ids["kernel.Attachment"]},
        "colours": {"colour": "0f6b5f"},
        "kernel_help_page": {"name": "pekerjaan-saya.png"},
        "static": {"filename": "favicon.svg"},
        "OpenApi": {"version": "v1"},
    }
    values = known.get(endpoint.split(".", maxsplit=1)[0], {})
    missing = rule.arguments - values.keys()
    assert not missing, f"{path} takes {missing}: say in tests/security/routes.py with what it is tried"
    return [_build(rule, values)]


def _user_id(world: World, institution: str) -> int:
    with world.owner() as connection:
        row = connection.execute("SELECT id FROM ab_user WHERE username = %s", [f"{institution}.admin"]).fetchone()
    return int(row[0])


def _assignment(world: World, institution: str) -> int:
    with world.owner() as connection:
        row = connection.execute(
            "SELECT max(r.id) FROM role_assignment r JOIN institution i ON i.id = r.institution_id WHERE i.code = %s",
            [institution],
        ).fetchone()
    return int(row[0])


def _build(rule: Rule, values: dict[str, Any]) -> str:
    path = rule.rule
    for argument in rule.arguments:
        for converter in ("int:", "string:", "path:", ""):
            path = path.replace(f"<{converter}{argument}>", str(values[argument]))
    return path

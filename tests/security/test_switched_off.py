"""Where an addon is off nothing of it is left: URL map x institution, forms, schemas, saves, files, jobs, hooks.

Generated over every addon that is loaded, the dummy among them, over the filled world of two institutions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.access.acting import acting, acting_as_system, institution_id_of
from app.database.base import models
from app.database.session import db
from app.jobs.declared import jobs
from app.jobs.queue import defer
from app.registry import hooks
from app.registry.enablement import disable, enable, enabled_addons, registry
from app.registry.extensions import added_names, extensions
from app.registry.graph import dependents
from app.testing.client import Browserish
from app.views.cards import cards
from tests.security.routes import Address, addresses
from tests.security.world import KENDAL_MARK, UNAIR_MARK, World, token_of

ADDONS = (
    "activities", "agreements", "correspondence", "dummy", "kendal", "organization", "partners", "procedures", "rooms",
    "unair",
)  # fmt: skip
"""Every addon but polibatam, which belongs to an institution that this world does not fill."""


def home_of(addon: str) -> tuple[str, str]:
    """The institution in which ``addon`` is switched off, and the mark of its records."""
    return ("unair", UNAIR_MARK) if addon == "unair" else ("kendal", KENDAL_MARK)


def test_every_addon_is_tried(world: World) -> None:
    assert set(registry().manifests) - {"polibatam"} == set(ADDONS)


@contextmanager
def without(world: World, addon: str) -> Iterator[frozenset[str]]:
    """``addon`` and what needs it are off in its institution; yields the names of all that are off."""
    institution, _mark = home_of(addon)
    with world.app.app_context(), acting_as_system(institution, "a test") as scope:
        session, number = db.session(), scope.institution_id
        before = enabled_addons(number)
        leaving = ({addon} | dependents(registry().manifests, addon)) & before
        for name in reversed(registry().manifests):
            if name in leaving:
                disable(session, number, name, forced=True)  # what needs it has tests of its own
        session.commit()
    try:
        yield frozenset(leaving)
    finally:
        with world.app.app_context(), acting_as_system(institution, "a test") as scope:
            for name in registry().manifests:
                if name in leaving:
                    enable(db.session(), scope.institution_id, name)
            db.session.commit()


def belongs(address: Address, addon: str) -> bool:
    """Whether the address is the addon's: a page, a resource, a look-up or a card of it."""
    return address.model.startswith(f"{addon}.") or address.path.startswith(
        (f"/{addon}/", f"/lookup/{addon}.", f"/card/{addon}.")
    )


def own_addresses(world: World, addon: str) -> dict[str, list[Address]]:
    """Method → the addresses of the addon, with ids of the institution in which it is switched off."""
    institution, _mark = home_of(addon)
    return {
        method: [item for item in addresses(world, method, institution) if belongs(item, addon)]
        for method in ("GET", "POST", "PUT", "DELETE")
    }


def ask(world: World, addon: str, method: str, path: str) -> Any:
    """Ask as the administrator: pages in a browser with its token, the API with a bearer token."""
    username = f"{home_of(addon)[0]}.admin"
    if path.startswith("/api/"):
        program = world.program(username)
        return program.http.open(path, method=method, json={} if method != "GET" else None, headers=program.headers)
    person: Browserish = world.person(username)
    data = {"csrf_token": token_of(person)} if method != "GET" else None
    return person.http.open(path, method=method, data=data, headers=person.headers)


@pytest.mark.parametrize("addon", ADDONS)
def test_every_address_of_it_answers_404_to_who_gets_the_marked_record_where_it_is_on(world: World, addon: str) -> None:
    own, mark = own_addresses(world, addon), home_of(addon)[1]
    if not own["GET"]:
        pytest.skip("it has no addresses of its own")
    shown = [item.path for item in own["GET"] if mark.encode() in ask(world, addon, "GET", item.path).data]
    assert len(shown) >= 3, "the permitted person sees the marker on its list, its record and its resource"
    with without(world, addon) as leaving:
        assert addon in leaving
        wrong = []
        for method, found in own.items():
            for item in found:
                answer = ask(world, addon, method, item.path)
                if answer.status_code != 404 or mark.encode() in answer.data:
                    wrong.append(f"{method} {item.path} answers {answer.status_code}")
        assert wrong == []
    assert mark in ask(world, addon, "GET", shown[0]).text


@pytest.mark.parametrize("addon", ADDONS)
def test_files_of_its_records_are_out_of_reach(world: World, addon: str) -> None:
    own = [item for item in own_addresses(world, addon)["GET"] if item.name == "download"]
    served = [item for item in own if ask(world, addon, "GET", item.path).status_code == 200]
    if not served:
        pytest.skip("none of its records takes files")
    assert ask(world, addon, "GET", served[0].path).data.startswith(b"%PDF")
    with without(world, addon):
        for item in served:
            answer = ask(world, addon, "GET", item.path)
            assert answer.status_code == 404
            assert b"%PDF" not in answer.data


@pytest.mark.parametrize("addon", ADDONS)
def test_no_page_that_is_left_leads_to_it_and_the_description_of_the_api_does_not_know_it(
    world: World, addon: str
) -> None:
    from app.views.model_view import views

    institution, _mark = home_of(addon)
    pages = ["/", "/kernel/roles/", "/kernel/roles/kernel.administrator", "/kernel/explain/", "/kernel/settings/"]
    resources = {view.resource for key, view in views.items() if key.split(".")[0] == addon and view.resource}

    def paths() -> list[str]:
        described = ask(world, addon, "GET", "/api/v1/_openapi").json["paths"]
        return [path for path in described if path.split("/")[3] in resources]

    assert bool(paths()) == bool(resources)
    with without(world, addon) as leaving:
        assert paths() == []
        mark = re.compile(rf'"/(?:card/|kernel/settings/|lookup/|api/v1/)?(?:{"|".join(leaving)})[/".]')
        own = re.compile(rf'value="(?:{"|".join(leaving)})\.')
        shown = {"list_page", "show", "add"}
        left = (
            item for item in addresses(world, "GET", institution) if not any(belongs(item, name) for name in leaving)
        )
        pages += [item.path for item in left if item.name in shown]
        seen = 0
        for path in pages:
            page = world.person(f"{institution}.admin").get(path, follow_redirects=True)
            seen += page.status_code == 200
            assert not mark.search(page.text), (path, mark.search(page.text))
            if path.startswith("/kernel/"):
                assert not own.search(page.text), (path, own.search(page.text))
        assert seen > 5
        assert not any(name.split(".")[0] in leaving for name in _cards_on(world, institution))


def _cards_on(world: World, institution: str) -> list[str]:
    person = world.person(f"{institution}.admin")
    return [name for name in cards if person.get(f"/card/{name}").status_code == 200]


EXTENDING = ("dummy", "kendal", "unair")


@pytest.mark.parametrize("addon", EXTENDING)
def test_its_fields_are_absent_from_forms_schemas_answers_and_saves_of_others(world: World, addon: str) -> None:
    from app.views.model_view import views

    institution, _mark = home_of(addon)
    tried = 0
    for extension in [item for item in extensions() if item.addon == addon]:
        view = views[extension.target]
        pk, base = world.ids[institution][view.key], f"/api/v1/{view.resource}"
        looks: list[Callable[[], str]] = [
            lambda: str(ask(world, addon, "GET", f"{base}/_info").text),  # noqa: B023  # called within the turn
            lambda: str(ask(world, addon, "GET", f"{base}/{pk}").text),  # noqa: B023
            lambda: str(ask(world, addon, "GET", f"{view.route_base}/{pk}/edit").text),  # noqa: B023
        ]
        fields = [name for name in added_names(extension.mixin) if any(name in look() for look in looks)]
        assert fields or not view.may_edit, f"{addon} adds nothing to {extension.target} that is seen where it is on"
        with without(world, addon):
            for name in fields:
                tried += 1
                assert [look() for look in looks if name in look()] == [], name
                before = world.column(institution, view.key, name)
                program = world.program(f"{institution}.admin")
                answer = program.api("PUT", f"{view.resource}/{pk}", {name: "1"})
                assert answer.status_code == 422, answer.text
                assert list(answer.json["errors"]) == [name]
                assert world.column(institution, view.key, name) == before
    assert tried > 0


@pytest.mark.parametrize("addon", ADDONS)
def test_its_jobs_are_silent(world: World, addon: str) -> None:
    institution, _mark = home_of(addon)
    own = [item for item in jobs.values() if item.addon == addon]

    def queued() -> list[bool]:
        with world.app.app_context(), acting(f"{institution}.admin", institution):
            found = [defer(db.session(), item.name) is not None for item in own]
            db.session.rollback()
            return found

    assert all(queued())
    with without(world, addon):
        assert not any(queued())


@pytest.mark.parametrize("addon", ADDONS)
def test_its_receivers_get_nothing(world: World, addon: str, monkeypatch: pytest.MonkeyPatch) -> None:
    institution, _mark = home_of(addon)
    called: list[str] = []
    for hook in hooks.hooks.values():
        spies = [
            (name, lambda name=name, **_payload: called.append(name))
            for name in (None, *registry().manifests, *(owner for owner, _receiver in hook.receivers))
        ]
        monkeypatch.setattr(hook, "receivers", spies)

    def receivers() -> set[str]:
        called.clear()
        with world.app.app_context():
            for name in hooks.hooks:
                hooks.send(name, institution_id_of(institution), record=None)
        return set(called)

    assert addon in receivers()
    with without(world, addon) as leaving:
        reached = receivers()
        assert reached & leaving == set()
        assert None in reached


def test_the_models_that_were_tried_are_all_that_have_screens(world: World) -> None:
    from app.views.model_view import views

    tried = {item.model for addon in ADDONS for item in own_addresses(world, addon)["GET"]}
    here = {key for key in views if key.split(".")[0] not in {"kernel", "polibatam"}}
    assert here - tried == set()
    assert here <= set(models)

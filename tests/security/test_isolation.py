"""What one institution has, another never meets: generated over the URL map, so that new pages are covered by
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.testing.client import Browserish
from app.testing.papers import words_of
from tests.security.routes import PLATFORM, PUBLIC, Address, addresses
from tests.security.world import KENDAL_MARK, World, is_of_another, screens_of, token_of

NEVER_SHOWS_A_MARK = {
    "add", "info", "index", "grid", "get", "outgoing", "days", "erase", "columns", "copy_preview",
    "board", "calendar", "graph", "pivot", "saved_filters",
}  # fmt: skip
"""Pages without records of their own: forms to be filled, descriptions, the administrator's pages, books;
views of days and figures have tests of their own."""

OTHER_PAGES_WITHOUT_A_MARK = {
    "kernel_profile_page.password", "kernel_person_page.show", "kernel_settings_page.form",
    "kernel_settings_page.choices",
}  # fmt: skip
"""The same, where records have pages of that name; a setting without choices has none for anybody."""

OWN_PAGES = {
    "kernel_dashboard_page", "kernel_search_page", "kernel_notifications_page", "kernel_help_page",
    "kernel_my_jobs_page", "kernel_appearance_page", "api_notification", "SettingsApi", "procedures_figures_page",
    "procedures_my_work_page", "procedures_procedure_version_page",
}  # fmt: skip
"""Pages of the person who looks, of figures and of files: whether the marked record stands there is another matter."""

HAVE_NO_WORDS = {"counts", "people", "messages", "preview_page", "logo", "state"}
"""Numbers beside a record, names to mention, a thread in which nobody wrote yet, a task that never
paused, and pictures.
"""

REFUSED_AT_HOME = {
    "procedures_procedure_editor.show": 409, "procedures_procedure_version_page.compare": 404,
    **dict.fromkeys((f"kernel_my_jobs_page.{name}" for name in ("show", "progress", "line", "file")), 404),
}  # fmt: skip
"""What the marked record is no good for, and how its own institution is told so: it is no draft, stands alone, and is
no process of the person who asks.
"""

A_COUNT = "/card/dummy.count"


@pytest.fixture(scope="module")
def ours(world: World) -> Browserish:
    """Kendal's administrator, who may everything there; the agreement names who signs for both sides."""
    agreement_id = world.ids["kendal"]["agreements.Agreement"]
    world.make("kendal", "agreements.AgreementParty", role="own", agreement_id=agreement_id)
    return world.person("kendal.admin")


@pytest.fixture(scope="module")
def theirs(world: World) -> Browserish:
    """Unair's administrator, who may everything in Unair and nothing in Kendal."""
    return world.person("unair.admin")


def _mark_of(world: World, address: Address) -> tuple[str, ...]:
    """What proves that an address shows a record of Kendal."""
    if address.name == "download":
        return ("%PDF-1.4",)
    if address.path.endswith("/panel/dummy_notes"):
        return (f"Dummy counts {world.column('kendal', 'partners.Partner', 'dummy_rating')}.",)
    if address.name == "related_list" and address.path.startswith("/organization/position/"):
        return (
            KENDAL_MARK,
            'href="/organization/holder/',
            'href="/organization/position_role/',
        )  # without text of their own
    nameless = {"organization.Holder", "organization.PositionRole", "procedures.PromiseClock"}
    if address.name in {"history", "timeline"} and address.model in nameless:
        return ("System",)  # who made it: these have no text of their own either
    return (KENDAL_MARK,)


def _reading(world: World) -> Iterator[Address]:
    for address in addresses(world, "GET"):
        if str(address.rule.endpoint) not in PUBLIC and not _is_platform(address) and not _is_of_another(address):
            yield address


def _is_of_another(address: Address) -> bool:
    parts = address.path.split("/")
    return is_of_another(address.model or parts[2 if parts[1] in {"lookup", "card"} else 1])


def _is_platform(address: Address) -> bool:
    return str(address.rule.endpoint).startswith(PLATFORM)


def _shows_marks(address: Address) -> bool:
    """Whether the marked record stands on the page, besides the pages about one record."""
    return not (
        address.name in NEVER_SHOWS_A_MARK
        or str(address.rule.endpoint) in OTHER_PAGES_WITHOUT_A_MARK
        or address.path.startswith("/card/")
        or str(address.rule.endpoint).split(".")[0] in OWN_PAGES
        or address.path.endswith("/user")
    )


def _is_offered(address: Address) -> bool:
    """Whether a screen exists at all: some are switched off by the declaration of their view."""
    from app.views.model_view import views

    view = views.get(address.model)
    if view is None:
        return True
    calendar = next((mode.starts for mode in view.modes if mode.name == "calendar"), None)
    moves = view.may_edit and calendar in (view.edit_columns or view.form_columns)
    wanted = {"edit": view.may_edit, "add": view.may_add, "reschedule": moves}
    wanted |= dict.fromkeys(("download", "preview", "preview_page"), view.attachments)
    return wanted.get(address.name, True) and not address.path.endswith(
        ("/panel/none", "/print/none", "/ask/none", "/quick/none")
    )


def test_every_page_and_resource_about_a_record_shows_it_to_its_institution_and_is_not_found_by_another(
    world: World, ours: Browserish, theirs: Browserish
) -> None:
    failures, proven = [], 0
    for address in _reading(world):
        if not address.has_record or not _is_offered(address):
            continue
        mine, other = ours.get(address.path), theirs.get(address.path)
        at_home = REFUSED_AT_HOME.get(str(address.rule.endpoint), 200)
        has_no_words = address.name in HAVE_NO_WORDS or address.path.endswith("/panel/pauses")
        says_nothing = mine.status_code == at_home and (has_no_words or at_home != 200)
        if not says_nothing and (
            mine.status_code != 200 or not any(mark in words_of(mine) for mark in _mark_of(world, address))
        ):
            failures.append(f"{address.path}: Kendal itself gets {mine.status_code} without its record")
        elif other.status_code != 404 or KENDAL_MARK in words_of(other):
            failures.append(f"{address.path}: Unair gets {other.status_code}: {other.text[:200]}")
        proven += 1
    assert not failures, "\n".join(failures)
    assert proven > 90


def test_lists_searches_filters_archives_selects_and_counts_know_only_their_own_institution(
    world: World, ours: Browserish, theirs: Browserish
) -> None:
    failures, proven = [], 0
    for address in _reading(world):
        if address.has_record or not _shows_marks(address):
            continue
        for query in _queries(address):
            mine, other = ours.get(address.path + query), theirs.get(address.path + query)
            if mine.status_code != 200 or KENDAL_MARK not in words_of(mine):
                failures.append(f"{address.path}{query}: Kendal itself gets {mine.status_code} without its records")
            elif other.status_code != 200 or KENDAL_MARK in words_of(other):
                failures.append(f"{address.path}{query}: Unair gets {other.status_code}: {other.text[:200]}")
            proven += 1
    assert not failures, "\n".join(failures)
    assert proven > 100


def _queries(address: Address) -> list[str]:
    from app.views.model_view import views

    view = views.get(address.model)
    searched = bool(view and view.search_columns)
    if address.name == "export":
        return ["?order=-id", "?archived=1&order=-id"]
    if address.name == "list_page":
        return ["?order=-id", "?archived=1&order=-id", *(["?q=qzmar"] if searched else [])]
    if address.name == "get_list":
        search = ["?q=(search:qzmar,page_size:100)"] if searched else []
        return ["?q=(page_size:100)", "?q=(archived:!t,page_size:100)", *search]
    if address.name == "related":
        return ["?q=(filter:qzmar)"]
    return ["?q=qzmar"] if address.name == "lookup" else [""]


def test_the_remaining_pages_show_nothing_of_another_institution(
    world: World, ours: Browserish, theirs: Browserish
) -> None:
    for address in _reading(world):
        if address.has_record or _shows_marks(address):
            continue
        other = theirs.get(address.path)
        assert other.status_code in {200, 302, 404}, address.path
        assert KENDAL_MARK not in words_of(other), address.path
        assert "Contoh Kendal" not in words_of(other), address.path
    assert "Contoh Kendal" in ours.get("/kernel/people/").text
    assert ours.get("/kernel/roles/kendal.staf").status_code == 200
    assert theirs.get("/kernel/roles/kendal.staf").status_code == 404
    account = next(item.path for item in _reading(world) if str(item.rule.endpoint) == "kernel_person_page.show")
    assert "kendal.admin" in ours.get(account).text
    assert theirs.get(account).status_code == 404


def test_pages_of_the_platform_are_its_administrators_alone(world: World, ours: Browserish, theirs: Browserish) -> None:
    platform = world.person("admin")
    asked = {**platform.hidden("/kernel/addon-requests/"), "command": "retire", "addon": "qzaddon"}
    place = platform.http.post("/kernel/addon-requests/ask", data=asked).headers["Location"]
    assert place == "/kernel/addon-requests/1", "the addresses below are those of this request"
    with world.owner() as connection:
        connection.execute("UPDATE addon_request SET log = 'qzaddon'")
    before, tried = world.fingerprint("form_token"), set()
    for method in ("GET", "POST"):
        for address in filter(_is_platform, addresses(world, method)):
            if method == "GET":
                shown = platform.get(address.path)
                assert (shown.status_code, "qzaddon" in shown.text) == (200, True), address.path
            for person in (ours, theirs):
                data = {"csrf_token": token_of(person), "command": "purge", "addon": "qzother", "typed": "qzaddon"}
                sent = {"data": data} if method == "POST" else {}
                answer = person.http.open(address.path, method=method, headers=person.headers, **sent)
                assert answer.status_code == 403, address.path
                assert "qzaddon" not in answer.text, address.path
            tried.add(address.name)
    assert tried == {"index", "show", "progress", "ask", "confirm", "cancel"}
    assert world.fingerprint("form_token") == before


def test_people_of_another_institution_are_no_choice(world: World, ours: Browserish, theirs: Browserish) -> None:
    for path in ("/lookup/organization.Holder/user?q=kendal", "/api/v1/holder/related/user?q=(filter:kendal)"):
        assert "Contoh Kendal" in ours.get(path).text
        assert theirs.get(path).status_code == 200
        assert "Kendal" not in theirs.get(path).text


def test_a_filter_on_a_foreign_record_does_not_tell_its_name(
    world: World, ours: Browserish, theirs: Browserish
) -> None:
    from app.views.fields import field_of

    proven = 0
    for view in screens_of().values():
        for name in view.filter_columns:
            field = field_of(view.model, name)
            if field.kind != "relation":
                continue
            path = f"{view.route_base}/?f_{name}={world.ids['kendal'].get(field.target.__model_key__, 0)}"
            if KENDAL_MARK not in ours.get(path).text:
                assert view.key in world.children["kendal"], path  # a filter on the parent finds the child only
                continue
            answer = theirs.get(path)
            assert answer.status_code == 200, path
            assert KENDAL_MARK not in answer.text, path
            proven += 1
    assert proven >= 10


def test_counts_are_those_of_the_own_institution(world: World, theirs: Browserish) -> None:
    from app.database.base import Archivable, models

    for key, view in screens_of().items():
        if not view.resource:
            continue
        model = models[key]
        statement = select(func.count()).select_from(model)
        if issubclass(model, Archivable):
            statement = statement.where(model.active)
        expected = world.value("unair", statement)
        assert theirs.get(f"/api/v1/{view.resource}/").json["count"] == expected, key
    notes = world.value("unair", select(func.count()).select_from(models["dummy.Note"]))
    assert f"Dummy counts {notes}." in theirs.get(A_COUNT).text


def test_no_unsafe_request_reaches_a_record_of_another_institution_and_nothing_changes(
    world: World, ours: Browserish, theirs: Browserish
) -> None:
    token, before, failures, proven = token_of(theirs), world.fingerprint("form_token"), [], 0
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for address in addresses(world, method):
            if not address.has_record or _is_platform(address):
                continue
            body = {"json": {}} if address.path.startswith("/api/") else {"data": {}}
            headers = {**theirs.headers, "X-CSRFToken": token}
            answer = theirs.http.open(address.path, method=method, headers=headers, **body)
            if answer.status_code != 404 or KENDAL_MARK in answer.text:
                failures.append(f"{method} {address.path}: {answer.status_code} {answer.text[:150]}")
            proven += 1
    assert not failures, "\n".join(failures)
    assert proven > 200
    assert world.fingerprint("form_token") == before


def test_administration_of_another_institution_is_out_of_reach(world: World, theirs: Browserish) -> None:
    token, before = token_of(theirs), world.fingerprint("form_token")
    for address in addresses(world, "POST"):
        if not str(address.rule.endpoint).startswith(("kernel_people_page", "kernel_person_page", "kernel_roles_page")):
            continue
        data = {"csrf_token": token, "role": "unair.humas", "right": "rooms.Room:read"}
        answer = theirs.http.post(address.path, data=data, headers=theirs.headers)
        # 422 is a form of one's own institution that is refused, with what was typed.
        assert answer.status_code in {302, 404, 422}, address.path
        assert KENDAL_MARK not in answer.text, address.path
        assert world.fingerprint("form_token") == before, address.path


def test_the_same_unsafe_requests_do_reach_the_record_in_its_own_institution(world: World, ours: Browserish) -> None:
    """The counterpart of the refusals above: those addresses are the right ones."""
    token, failures = token_of(ours), []
    headers = {**ours.headers, "X-CSRFToken": token}
    for method in ("POST", "PUT", "DELETE"):
        for address in addresses(world, method):
            if not address.has_record or not _is_answered(address) or _is_of_another(address):
                continue
            body = {"json": {}} if address.path.startswith("/api/") else {"data": {}}
            answer = ours.http.open(address.path, method=method, headers=headers, **body)
            if answer.status_code in {404, 500}:
                failures.append(f"{method} {address.path}: {answer.status_code} {answer.text[:150]}")
    assert not failures, "\n".join(failures)


def _is_answered(address: Address) -> bool:
    from app.access.column_rights import personal_columns
    from app.views.model_view import views

    view = views.get(address.model)
    if view is None or address.path.endswith("/none"):
        return view is None
    if address.name == "unmask":
        return bool(personal_columns(view.model))
    return _is_offered(address) and (view.attachments or "/files" not in address.path)

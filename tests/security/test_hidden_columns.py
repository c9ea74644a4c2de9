"""What somebody may not see appears nowhere: every hidden column and all personal data carry a marker, and every page
and resource is crawled for it. Generated over the models and the URL map, so that new ones are covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import String, delete, inspect

from app.testing.client import Browserish
from app.testing.papers import words_of
from tests.security.routes import PUBLIC, Address, addresses
from tests.security.world import World, moment, screens_of, today

ROLE = "kernel.administrator"
PAPERS = {"print_out", "download"}
"""Papers are official texts as a whole: who may print one sees what stands on it, and that it was printed is written
down.
"""


@pytest.fixture(scope="module")
def personal_marks(world: World) -> dict[str, dict[str, str]]:
    """Model → personal column → the marker that stands in it, in records and their history."""
    from app.access.column_rights import personal_columns

    return _mark(world, "QP", personal_columns)


@pytest.fixture(scope="module")
def column_marks(world: World, personal_marks: object) -> dict[str, dict[str, str]]:
    """Model → hideable column of free text → its marker."""
    from app.access.column_rights import hideable_columns, personal_columns

    def free_texts(model: type) -> list[str]:
        columns = inspect(model).columns
        return [
            name
            for name in hideable_columns(model)
            if name in columns
            and isinstance(columns[name].type, String)
            and not columns[name].info.get("choices")
            and name not in personal_columns(model)
        ]

    return _mark(world, "QH", free_texts)


def _mark(world: World, prefix: str, columns_of: object) -> dict[str, dict[str, str]]:
    from app.database.base import models

    marks: dict[str, dict[str, str]] = {}
    count = 0
    with world.owner() as connection:
        for key in screens_of():
            for name in sorted(columns_of(models[key])):
                count += 1
                mark, column = f"{prefix}{count}QX", inspect(models[key]).columns[name].name
                statement = f'UPDATE "{models[key].__tablename__}" SET "{column}" = %s WHERE id = %s'
                try:
                    connection.execute(statement, [mark, world.ids["kendal"][key]])
                except psycopg.errors.CheckViolation:
                    continue
                marks.setdefault(key, {})[name] = mark
    return marks


@pytest.fixture(scope="module")
def admin(world: World, column_marks: object) -> Browserish:
    """Kendal's administrator, who may everything there."""
    return world.person("kendal.admin")


@pytest.fixture
def withdrawn(world: World) -> Iterator[object]:
    """``withdrawn([(model, operation), ...])`` takes rights from the administrator's role for one test."""
    from app.access.access_override import AccessOverride
    from app.access.acting import acting_as_system
    from app.access.cache import bump_access_version
    from app.database.session import db

    taken: list[tuple[str, str]] = []

    def take(rights: list[tuple[str, str]]) -> None:
        taken.extend(rights)
        with world.app.app_context(), acting_as_system("kendal", "rights for a test") as scope:
            where = (AccessOverride.institution_id == scope.institution_id, AccessOverride.role == ROLE)
            for model, operation in rights:
                same = (AccessOverride.model == model, AccessOverride.operation == operation)
                db.session.execute(delete(AccessOverride).where(*where, *same))
                db.session.add(
                    AccessOverride(
                        institution_id=scope.institution_id, role=ROLE, model=model, operation=operation, allowed=False
                    )
                )
            bump_access_version(db.session())
            db.session.commit()

    yield take
    with world.app.app_context(), acting_as_system("kendal", "rights for a test"):
        for model, operation in taken:
            db.session.execute(
                delete(AccessOverride).where(AccessOverride.model == model, AccessOverride.operation == operation)
            )
        bump_access_version(db.session())
        db.session.commit()


def _crawled(world: World) -> Iterator[str]:
    """Every address that can be looked at, and the lists of every model in all their forms; no papers."""
    for address in addresses(world, "GET"):
        if str(address.rule.endpoint) in PUBLIC or address.name in PAPERS:
            continue
        yield address.path
        yield from (address.path + query for query in _queries(address))


def _queries(address: Address) -> list[str]:
    wide = f"from={moment(today(), 1)[:4]}-01-01&to={today().isoformat()}"
    if address.name == "list_page":
        return ["?order=-id&size=100", "?archived=1"]
    if address.name in {"graph", "pivot", "board", "calendar"}:
        return ["?scale=agenda", "?file=csv"]
    if address.name == "export":
        return ["?order=-id", "?kind=xlsx&order=-id", "?kind=pdf&order=-id"]
    if address.name == "get_list":
        return ["?q=(page_size:100,order_column:id,order_direction:desc)"]
    return [f"?{wide}"] if address.name == "index" and "book" in address.path else []


def _declared(key: str) -> set[str]:
    from app.views.model_view import views

    view = views[key]
    return {*view.form_columns, *(view.add_columns or ()), *view.list_columns, *(view.show_columns or ())}


def _where_seen(client: Browserish, world: World, marks: set[str]) -> dict[str, set[str]]:
    """Address → the markers on it. No answer may be a failure."""
    found = {}
    for path in _crawled(world):
        answer = client.get(path)
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        words = words_of(answer)
        if seen := {mark for mark in marks if mark in words}:
            found[path] = seen
    return found


def _all(marks: dict[str, dict[str, str]]) -> set[str]:
    return {mark for columns in marks.values() for mark in columns.values()}


def test_personal_data_appear_nowhere_without_the_right_and_with_it_on_the_record_and_the_resource(
    world: World, admin: Browserish, personal_marks: dict[str, dict[str, str]], withdrawn: object
) -> None:
    assert len(_all(personal_marks)) >= 9
    open_to_all = _where_seen(admin, world, _all(personal_marks))
    for key, columns in personal_marks.items():
        record = f"/{world.ids['kendal'][key]}"
        shown = {mark for path, marks in open_to_all.items() if path.endswith(record) for mark in marks}
        on_screen = {columns[name] for name in columns if name in _declared(key)}
        assert on_screen <= shown, f"{key}: {columns} are shown to nobody"
    withdrawn([(key, name) for key in personal_marks for name in ("personal", "unmask")])
    assert _where_seen(admin, world, _all(personal_marks)) == {}


def test_a_paper_with_personal_data_is_written_down_when_it_is_printed(world: World, admin: Browserish) -> None:
    def printed() -> list[tuple[str, int | None]]:
        with world.owner() as connection:
            return connection.execute(
                "SELECT model, record_id FROM disclosure WHERE kind = 'print' ORDER BY id"
            ).fetchall()

    ids, before = world.ids["kendal"], len(printed())
    for path, entry in (
        (f"/agreements/agreement/{ids['agreements.Agreement']}/print/pdf", ("agreements.AgreementParty", None)),
        (
            f"/correspondence/outgoing_letter/{ids['correspondence.OutgoingLetter']}/print/pdf",
            ("correspondence.OutgoingLetter", ids["correspondence.OutgoingLetter"]),
        ),
    ):
        assert admin.get(path).status_code == 200
        assert printed()[-1] == entry
    assert len(printed()) == before + 2


def test_a_hidden_column_appears_nowhere(
    world: World, admin: Browserish, column_marks: dict[str, dict[str, str]], withdrawn: object
) -> None:
    from app.access.column_rights import hideable_columns
    from app.database.base import models

    open_to_all = _where_seen(admin, world, _all(column_marks))
    seen = set().union(*open_to_all.values())
    assert len(seen) > 50
    withdrawn([(key, f"read.{name}") for key in column_marks for name in hideable_columns(models[key])])
    leaks = _where_seen(admin, world, _all(column_marks))
    named = {mark: f"{key}.{name}" for key, columns in column_marks.items() for name, mark in columns.items()}
    told = [f"{path}: {named[mark]}" for path, marks in leaks.items() for mark in sorted(marks)]
    assert not told, "\n".join(told)


def test_nobody_finds_filters_or_sorts_by_what_they_do_not_see(
    world: World, admin: Browserish, column_marks: dict[str, dict[str, str]], withdrawn: object
) -> None:
    from app.views.model_view import views

    tried = 0
    cases = []
    for key, columns in column_marks.items():
        view = views[key]
        cases += [(key, name, columns[name]) for name in view.search_columns if name in columns]
    found = {case: _found_by(world, admin, *case) for case in cases}
    assert sum(found.values()) > 5, "the words find the records for whoever sees them"
    withdrawn([(key, f"read.{name}") for key, name, _mark in cases])
    for key, name, mark in cases:
        assert not _found_by(world, admin, key, name, mark), f"{key}.{name} is found by"
        view = views[key]
        if name in view.order_columns:
            assert admin.get(f"{view.route_base}/?order={name}").status_code == 400
        if name in view.filter_columns:
            assert admin.get(f"{view.route_base}/?f_{name}={mark}").status_code == 400
        if view.resource:
            query = f"(filters:!((col:{name},opr:ct,value:{mark})))"
            assert admin.get(f"/api/v1/{view.resource}/?q={query}").status_code == 400
        tried += 1
    assert tried > 5


def _found_by(world: World, client: Browserish, key: str, name: str, mark: str) -> bool:
    from app.views.model_view import views

    link = f'href="{views[key].route_base}/{world.ids["kendal"][key]}"'
    by_mark, by_nonsense = (client.get(f"{views[key].route_base}/?q={words}") for words in (mark, "zzxxqq"))
    assert by_mark.status_code == by_nonsense.status_code == 200
    return link in by_mark.text and link not in by_nonsense.text


def test_nobody_counts_or_downloads_what_they_do_not_see(world: World, admin: Browserish, withdrawn: object) -> None:
    from app.access.column_rights import hideable_columns
    from app.database.base import models

    views, cases = screens_of(), []
    for key, view in views.items():
        usual = hideable_columns(models[key])
        cases += [(key, name) for name in view.filter_columns if name in usual and _counted(admin, view, name) == 200]
    assert len(cases) > 15
    with_mode = [(key, name) for key, name in cases if any(mode.name == "pivot" for mode in views[key].modes)]
    assert len(with_mode) > 5
    withdrawn([(key, f"read.{name}") for key, name in cases])
    for key, name in cases:
        assert _counted(admin, views[key], name) == 400, f"{key}.{name} is counted by"
        label = f"f_{name}"
        assert admin.get(f"{views[key].route_base}/export?{label}=-").status_code == 400
        if views[key].resource:
            assert admin.get(f"/api/v1/{views[key].resource}/?q=(where:({name}:'-'))").status_code == 400
    for key, name in with_mode:
        for path in (f"graph?by={name}", f"pivot?rows={name}", f"pivot?by={name}"):
            assert admin.get(f"{views[key].route_base}/{path}").status_code in {400, 404}, f"{key}: {path}"


def _counted(client: Browserish, view: object, name: str) -> int:
    return client.get(f"{view.route_base}/?group={name}").status_code


def test_a_kept_filter_by_a_hidden_column_is_gone_for_whoever_does_not_see_it(
    world: World, admin: Browserish, withdrawn: object
) -> None:
    home = "/agreements/agreement/"
    token = admin.hidden(f"{home}add")["csrf_token"]
    fields = {"csrf_token": token, "name": "Tanpa akhir", "arguments": "f_ends_on=-"}
    kept = admin.http.post(f"{home}filters", data=fields, headers=admin.headers)
    number = re.search(r"saved=(\d+)", kept.location)[1]
    assert "Tanpa akhir" in admin.get(f"{home}?all=1").text
    assert admin.get(f"/api/v1/agreement/?q=(saved:{number})").status_code == 200
    assert admin.get(f"{home}calendar").status_code == 200
    withdrawn([("agreements.Agreement", "read.ends_on")])
    assert "Tanpa akhir" not in admin.get(f"{home}?all=1").text
    assert admin.get(f"/api/v1/agreement/?q=(saved:{number})").status_code == 404
    assert admin.get(f"{home}calendar").status_code == 404
    assert "ends_on" not in admin.get(f"{home}?all=1").text

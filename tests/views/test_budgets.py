"""Statements per screen, counted over every generated screen with 30 rows in its list (kernel.md, decision 9).

With ``-s`` the figures are printed, with the median of five requests in milliseconds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.testing.client import Browserish
from tests.security.world import KENDAL_MARK, World, screens_of

ROWS = 30
BUDGETS = {"login": 1, "list": 6, "record": 8, "form": 6, "API list": 5, "API record": 5}
PARTS = {"history": 6, "related": 6, "timeline": 9, "counts": 3}
"""Parts of a page that come later, each with a budget of its own."""
LONGER_STORIES = {"procedures.Case": 40}
"""The thread of a case tells of its tasks and of every kind of record that joined."""


LARGER = {"procedures.Procedure": 15, "procedures.Task": 10}
"""The page of a procedure is the whole official form: steps with papers, outputs, branches, executors and doubts.
That of a task also tells why it came back, and whether the person looking may name somebody for it.
"""


@pytest.fixture(scope="module")
def full(empty_world: World) -> World:
    """Kendal with more than thirty records of every model."""
    empty_world.fill("kendal", KENDAL_MARK, more=ROWS)
    return empty_world


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The statements of the requests inside, without what only begins, ends or labels a transaction."""
    from app.database.session import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        text = " ".join(statement.split())
        if (
            not text.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT"))
            and "set_config" not in text
        ):
            seen.append(text)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def turns(request: pytest.FixtureRequest) -> int:
    """How often a request is timed: five times for the table, once where nobody reads it."""
    return 5 if request.config.getoption("capture") == "no" else 1


class Count:
    """Counts and times requests, and remembers the figures for the table."""

    def __init__(self, world: World, turns: int) -> None:
        self.world, self.turns = world, turns
        self.figures: list[tuple[str, int, int, float]] = []
        self.over: list[str] = []

    def request(self, what: str, budget: int, ask: Callable[[], Any], mark: str = KENDAL_MARK) -> None:
        """Ask once warm, then count; the answer must have its content."""
        first = ask()
        assert first.status_code == 200, (what, first.status_code, first.text[:300])
        assert mark in first.text, what
        with statements(self.world) as seen:
            ask()
        if len(seen) > budget:
            self.over.append(f"{what}: {len(seen)} of {budget}\n    " + "\n    ".join(text[:170] for text in seen))
        times = []
        for _turn in range(self.turns):
            begin = time.perf_counter()
            ask()
            times.append((time.perf_counter() - begin) * 1000)
        self.figures.append((what, len(seen), budget, statistics.median(times)))

    def finish(self) -> None:
        """Print the table and fail for whatever was over its budget."""
        for what, count, budget, milliseconds in self.figures:
            sys.stdout.write(f"{what:<46}{count:>3} of {budget:<3}{milliseconds:>8.1f} ms\n")
        kinds = {what.split(" ", 1)[0] for what, *_ in self.figures}
        for kind in sorted(kinds):
            mine = [figure for figure in self.figures if figure[0].startswith(kind + " ")]
            worst, median = max(figure[1] for figure in mine), statistics.median(figure[3] for figure in mine)
            sys.stdout.write(f"-- {kind}: at most {worst} statements, median {median:.1f} ms over {len(mine)}\n")
        assert not self.over, "\n".join(self.over)


def test_every_list_record_and_form_keeps_its_budget(full: World, turns: int) -> None:
    person, count = full.person("kendal.admin"), Count(full, turns)
    for key, view in screens_of().items():
        pk, home = full.ids["kendal"][key], view.route_base
        count.request(f"list {key}", BUDGETS["list"], lambda path=f"{home}/?order=-id": person.get(path))
        record = LARGER.get(key, BUDGETS["record"])
        count.request(f"record {key}", record, lambda path=f"{home}/{pk}": person.get(path))
        if view.may_add:
            add = f"{home}/add"
            count.request(f"form {key} (add)", BUDGETS["form"], lambda path=add: person.get(path), "form_token")
        if view.may_edit:
            count.request(f"form {key} (edit)", BUDGETS["form"], lambda path=f"{home}/{pk}/edit": person.get(path))
    with full.owner() as connection:
        sop = connection.execute("SELECT id FROM procedures_procedure WHERE code = 'SOP-KERJASAMA'").fetchone()[0]
    path = f"/procedures/procedure/{sop}"
    count.request("record of Kendal's SOP", LARGER["procedures.Procedure"], lambda: person.get(path), "SRIKANDI")
    count.finish()


def test_every_resource_keeps_its_budget(full: World, turns: int) -> None:
    program, count = full.program("kendal.admin"), Count(full, turns)
    for key, view in screens_of().items():
        if view.resource:
            base, pk = f"/api/v1/{view.resource}/", full.ids["kendal"][key]
            newest = f"{base}?q=(order_column:id,order_direction:desc)"
            count.request(f"api-list {key}", BUDGETS["API list"], lambda path=newest: program.get(path))
            count.request(f"api-record {key}", BUDGETS["API record"], lambda path=f"{base}{pk}": program.get(path))
    count.finish()


def test_the_pages_of_jobs_and_mail_keep_the_budgets_of_lists_and_records(full: World, turns: int) -> None:
    count, mail = Count(full, turns), full.ids["kendal"]["kernel.OutgoingMail"]
    pages = {"/kernel/jobs/": "list", "/kernel/mail/": "list", f"/kernel/mail/{mail}": "record"}
    for person in (full.person("kendal.admin"), full.person("admin")):
        for path, kind in pages.items():
            count.request(f"{kind} {path}", BUDGETS[kind], lambda person=person, path=path: person.get(path))
    count.finish()


def test_the_login_page_asks_at_most_once(full: World, turns: int) -> None:
    visitor, count = Browserish(full.app), Count(full, turns)
    count.request("login page", BUDGETS["login"], lambda: visitor.get("/login/"), 'name="username"')
    count.finish()


def test_parts_that_load_later_keep_budgets_of_their_own(full: World, turns: int) -> None:
    person, count = full.person("kendal.admin"), Count(full, turns)
    for key, view in screens_of().items():
        home = f"{view.route_base}/{full.ids['kendal'][key]}"
        count.request(f"history {key}", PARTS["history"], lambda path=f"{home}/history": person.get(path), "<li>")
        budget = LONGER_STORIES.get(key, PARTS["timeline"])
        count.request(f"timeline {key}", budget, lambda path=f"{home}/timeline": person.get(path), "<li>")
        if view.related:
            count.request(f"counts {key}", PARTS["counts"], lambda path=f"{home}/counts": person.get(path), "<b>")
        for place, tab in enumerate(view.related):
            path = f"{home}/related/{place}"
            count.request(f"related {key} → {tab.model}", PARTS["related"], lambda path=path: person.get(path), "href=")
    count.finish()


def test_my_work_does_not_ask_more_for_more_tasks(full: World, turns: int) -> None:
    with full.owner() as connection:
        connection.execute(
            "UPDATE procedures_procedure_executor SET position_id = (SELECT id FROM organization_position"
            " WHERE title = 'Staf/Pustakawan') WHERE name LIKE 'QZMARK%'"
        )
        connection.execute("UPDATE procedures_task SET position_id = NULL")
    person, count = full.person("kendal.staf"), Count(full, turns)
    count.request("work my work", 10, lambda: person.get("/procedures/my_work/"))
    count.finish()
    assert person.get("/procedures/my_work/").text.count('href="/procedures/task/') >= ROWS

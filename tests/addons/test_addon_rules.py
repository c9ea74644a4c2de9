"""What no addon may write, looked for in the source of every addon; and every use of the two ways out of the scope."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from app.testing.addon_rules import called, sources_of, violations

ROOT = Path(__file__).resolve().parents[2]


def sources(folders: tuple[str, ...]) -> list[Path]:
    """The Python files of ``folders``, without migrations and tests."""
    return [path for folder in folders for path in sources_of(ROOT / folder)]


SAMPLES = {
    "table": (["model.__table__.c.name", "Model.metadata.tables"], ["select(model.name)", "model.__tablename__"]),
    "sql text": (
        ["session.execute(text('select 1'))", "sqlalchemy.text('x')", "connection.exec_driver_sql('x')"],
        ["ExcludeConstraint((text('room_id'), '='), name='x')", "column(Text)", "field.text"],
    ),
    "transaction": (
        ["db.session.commit()", "self.session.connection()", "session.bulk_insert_mappings(Model, rows)"],
        ["db.session.flush()", "session.add(record)"],
    ),
    "clock": (
        ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"],
        ["clock.now()", "clock.today(zone)", "datetime.combine(day, moment)", "func.now()"],
    ),
    "translation": (
        ["_(f'Hello {name}')", "_l('Hello ' + name)", "gettext('Hello %s' % name)", "_('{}'.format(name))", "_(name)"],
        ["_('Hello %(name)s', name=name)", "_l('Hello')", "f'{a}-{b}'"],
    ),
    "flask_appbuilder": (
        ["import flask_appbuilder", "from flask_appbuilder.models.sqla import Model"],
        ["from app.addon import Model"],
    ),
    "kernel": (["from app.database.session import db", "from app import clock"], ["from app.addon import clock, db"]),
}


@pytest.mark.parametrize("rule", SAMPLES)
def test_a_rule_finds_what_is_wrong_and_leaves_what_is_right(rule: str) -> None:
    wrong, right = SAMPLES[rule]
    for sample in wrong:
        assert rule in violations(sample), sample
    for sample in right:
        assert violations(sample) == [], sample


def ways_out(word: str) -> set[tuple[str, str]]:
    """Where ``word`` is used, with the reason given there."""
    found = set()
    for path in sources(("app", "addons")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == word:
                reason = node.args[1].value if isinstance(node.args[1], ast.Constant) else "(none)"
                found.add((str(path.relative_to(ROOT)), str(reason)))
    return found


def test_every_use_of_as_system_is_known() -> None:
    assert ways_out("as_system") == AS_SYSTEM


def test_every_use_of_across_institutions_is_known() -> None:
    assert ways_out("across_institutions") == {
        ("app/access/grants.py", "people whom a position brings to an institution"),
        ("app/access/grants.py", "roles that a person's positions carry"),
        ("app/jobs/administration.py", "the platform's administrator looks after all jobs and mail"),
        ("app/jobs/planning.py", "which periodic jobs were queued already"),
        ("app/mail/recovery.py", "mail that a crash or a missing server left behind"),
        ("app/testing/addon_tests.py", "what an addon loaded"),
    }


def test_only_data_files_set_up_and_the_operators_commands_act_without_a_person() -> None:
    assert ways_out("acting_as_system") == {
        ("app/cli/access.py", "explaining access"),
        ("app/cli/operator.py", "a command of the operator"),
        ("app/cli/user.py", "the first people of an institution"),
        ("app/testing/addon_tests.py", "an addon leaves its institution"),
        ("app/testing/addon_world.py", "an addon is tried in its institution"),
    }


def test_every_way_to_work_in_an_institution_without_a_person_is_known() -> None:
    found = set()
    for path in sources(("app", "addons")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == "working_in":
                found.add((str(path.relative_to(ROOT)), ast.unparse(node.args[2])))
    assert found == WORKING_IN


def test_every_job_of_an_addon_says_why_it_may_work_as_the_system() -> None:
    reasons = set()
    for path in sources(("addons", "tests/addons/dummy")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == "job":
                given = {word.arg: word.value for word in node.keywords}
                if "as_person" in given:
                    continue
                reasons.add((ast.literal_eval(node.args[0]), ast.literal_eval(given["reason"])))
    assert reasons == {
        ("dummy.every_morning", "the day begins for everybody"),
        ("procedures.put_in_force", "the day decides, whoever may approve procedures"),
        ("procedures.count_durations", "everybody's tasks are counted, whoever may read them"),
        ("procedures.remind", "whoever is to act is reminded, whoever may read the task"),
        ("dummy.write_note", "a note comes by itself, whoever may write notes"),
    }


WORKING_IN = {
    ("app/jobs/administration.py", "reason"),  # of the two below it, in the name of the administrator
    ("app/jobs/performing.py", "'the log of jobs'"),
    ("app/jobs/performing.py", "f'{job.name}: {job.reason}'"),
    ("app/jobs/planning.py", "'the clock starts periodic jobs'"),
    ("app/registry/enablement.py", "'what needs an addon is asked before it goes'"),
    ("app/registry/removing.py", "'what needs an addon is asked before it goes'"),
    ("app/mail/outbox.py", "'mail of the platform itself'"),
    ("app/users/invitations.py", "'whoever accepts an invitation has no role here yet'"),
    ("app/users/password_links.py", '"a forgotten password is nobody\'s matter yet"'),
    ("app/mail/recovery.py", "'mail is recovered whoever wrote it'"),
}
NAME_TAKEN = "a name counts as taken also where the user may not look"
HOLDS_POSITION = "who may act follows from positions, also for people who may not read them"
TOLD_WHOLE = "a procedure is told whole to whoever may read it"
ALL_VERSIONS = "all versions of a procedure count, whoever may read them"
AS_SYSTEM = {
    ("addons/unair/services/report_print.py", "a paper carries its letterhead, whoever prints it"),
    ("app/thread/readers.py", "whether another person may read a record"),
    ("addons/procedures/services/assignee.py", "who was named for a task may do it"),
    ("addons/procedures/services/assignee.py", "who holds a position or was named for a task may do it"),
    ("addons/procedures/services/condition.py", "the data of a case decide its way, whoever may read them"),
    ("addons/procedures/services/delegation.py", "(none)"),
    ("addons/procedures/services/handover.py", "(none)"),
    ("addons/procedures/services/flow.py", "whether a case is finished depends on all its tasks"),
    ("addons/procedures/services/flow.py", "whoever does a step of a case does it, whoever may read that"),
    ("addons/procedures/services/gate.py", "gates hold for everybody, whoever may read the procedure"),
    ("app/registry/enablement.py", "what needs an addon is asked before it goes"),
    ("addons/organization/services/holder.py", "the roles of a position count, whoever may read them"),
    ("app/records/erasing.py", "a person's data are found wherever they are"),
    ("addons/activities/models/activity.py", "a report counts, whoever may read it"),
    ("addons/activities/models/activity.py", "how many came is told, whoever may read the list"),
    ("addons/activities/models/activity.py", "the room follows its activity"),
    ("addons/activities/services/report.py", "a report moves its activity on, whoever may change the activity"),
    ("addons/agreements/services/agreement_kind.py", NAME_TAKEN),
    ("addons/agreements/services/agreement_party.py", "the agreement of a party before the change"),
    ("addons/agreements/services/agreement_party.py", "the state of the agreement decides, whoever may read it"),
    ("addons/correspondence/services/agenda_book.py", "the book tells where a letter went, as the sheet does"),
    (
        "addons/correspondence/services/disposition_sheet.py",
        "a sheet is printed whole for whoever may read what it is about",
    ),
    ("addons/correspondence/services/outgoing_print.py", "a letter is printed whole for whoever may read it"),
    ("addons/procedures/services/procedure_heading.py", "a paper carries its letterhead, whoever prints it"),
    ("addons/procedures/services/procedure_heading.py", "a paper names who approved it, whoever prints it"),
    ("addons/procedures/services/procedure_print.py", "a procedure is printed whole for whoever may read it"),
    ("addons/procedures/services/procedure_document.py", TOLD_WHOLE),
    ("addons/procedures/services/procedure_sheet.py", TOLD_WHOLE),
    (
        "addons/procedures/services/procedure_document.py",
        "documents name positions, also for people who may not read them",
    ),
    ("addons/procedures/services/procedure_drafting.py", ALL_VERSIONS),
    ("addons/procedures/services/procedure_version.py", ALL_VERSIONS),
    ("addons/organization/services/working_calendar.py", "everybody's work is measured by the office hours"),
    ("addons/organization/services/letterhead.py", "a paper carries its letterhead, whoever prints it"),
    ("addons/organization/services/signature.py", "who stands above whom counts, whoever may read positions"),
    ("addons/correspondence/services/letter.py", "a letter's dispositions join its case, whoever may read them"),
    (
        "addons/correspondence/services/letter.py",
        "what was disposed stays as it was read, whoever may read the dispositions",
    ),
    ("addons/organization/services/holder.py", "a clash counts also with a holder the user may not see"),
    ("addons/organization/services/holder.py", HOLDS_POSITION),
    ("addons/organization/services/holder.py", "what a person is by position is no secret among colleagues"),
    ("addons/organization/services/links.py", "a tree must not loop, also where the user may not look"),
    ("addons/partners/services/partner.py", NAME_TAKEN),
    ("addons/partners/services/partner_kind.py", NAME_TAKEN),
    ("addons/procedures/services/case_kind.py", "what kind a case has does not depend on who opens it"),
    ("addons/procedures/services/case.py", "what a case was finished with holds, whoever may read it"),
    ("addons/procedures/services/case.py", "whether a case is finished depends on all its tasks"),
    (
        "addons/procedures/services/work_list.py",
        "who leads whom follows from positions, also for people who may not read them",
    ),
    ("addons/procedures/services/promise_clock.py", "promises hold whoever works on the request"),
    ("addons/procedures/services/promise_clock.py", "whoever reads a case reads what was promised"),
    ("addons/correspondence/services/letter_request.py", "the channel of a letter is known, whoever may read channels"),
    ("addons/procedures/services/case.py", "whether an optional step was offered depends on all tasks of the case"),
    ("addons/rooms/services/booking.py", "bookings of one room queue at its row"),
    ("addons/rooms/services/booking.py", "tell who has the room, although the person may not see that booking"),
    ("addons/rooms/services/room_book.py", "the book names the partner of the case, whoever may read partners"),
    (
        "addons/rooms/services/room_book.py",
        "the book cites the letter that asked for the room, whoever may read letters",
    ),
}
"""Where rights (never the institution wall) are lifted, and why. A new line here is a decision to be looked at."""

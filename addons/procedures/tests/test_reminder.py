"""Reminders: before and at the limit, then to the superior; never twice, and silent when it is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from addons.procedures.tests.test_request import HOUR, MINUTE, MONDAY, asked
from addons.procedures.tests.test_task import first_task
from app import clock
from app.access.acting import acting as acting_as
from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db
from app.records.service import service_of

ROOT = Path(__file__).resolve().parents[3]


def enter(app: Any, at: datetime = MONDAY, **given: Any) -> int:
    """A request to Polibatam; returns its id."""
    with app.app_context(), acting_as("polibatam.staf", "polibatam"), clock.frozen(at):
        request = asked(service_of(models["procedures.Request"]), **given)
        db.session.commit()
        return int(request.id)


def step(app: Any, request_id: int, name: str, at: datetime) -> None:
    with app.app_context(), acting_as("polibatam.staf", "polibatam"), clock.frozen(at):
        service = service_of(models["procedures.Request"])
        service.transition(service.get(request_id), name, {})
        db.session.commit()


def told(run_jobs: Any) -> list[tuple[str, str]]:
    """Who was told what by the bell, in order: user and the beginning of the text."""
    rows = run_jobs.execute(
        "SELECT u.username, n.text FROM notification n JOIN ab_user u ON u.id = n.user_id "
        "WHERE n.addon = 'procedures' ORDER BY n.id"
    )
    return [(str(user), str(text).split(" (", maxsplit=1)[0].split(" sejak", maxsplit=1)[0]) for user, text in rows]


def mails(run_jobs: Any) -> int:
    return int(run_jobs.execute("SELECT count(*) FROM outgoing_mail")[0][0])


def remind_at(app: Any, run_jobs: Any, moment: datetime) -> list[tuple[str, str]]:
    """Who was told by what the clock's job sends at ``moment``."""
    from app.jobs.queue import defer

    before = len(told(run_jobs))
    with app.app_context(), clock.frozen(moment):
        for code in ("polibatam", "kendal"):
            with acting_as_system(code, "the clock asks"):
                defer(db.session(), "procedures.remind")
            db.session.commit()
        run_jobs()
    return told(run_jobs)[before:]


def without_superior(app: Any) -> None:
    """Polibatam empties the setting after which the superior is told."""
    from app.settings.administration import change_settings

    with app.app_context(), acting_as("polibatam.admin", "polibatam"):
        change_settings(db.session(), "procedures", {"escalate_after": None})
        db.session.commit()


STAFF, HEAD = "polibatam.staf", "polibatam.kapokja"


def test_staff_is_reminded_before_and_at_the_limit_and_the_head_later_each_once(app: Any, run_jobs: Any) -> None:
    enter(app)
    told_at = {
        minutes: remind_at(app, run_jobs, MONDAY + minutes * MINUTE) for minutes in (10, 12, 13, 16, 17, 74, 76, 90)
    }
    assert told_at == {
        10: [],
        12: [(STAFF, "Segera jatuh tempo")],
        13: [],
        16: [(STAFF, "Terlambat")],
        17: [],
        74: [],
        76: [(HEAD, "Terlambat di unit Anda")],
        90: [],
    }
    assert mails(run_jobs) == 3


def test_who_answers_in_time_hears_nothing(app: Any, run_jobs: Any) -> None:
    request_id = enter(app)
    step(app, request_id, "follow_up", MONDAY + 5 * MINUTE)
    for hours in (1, 20, 30, 60):
        assert remind_at(app, run_jobs, MONDAY + hours * HOUR) == []


def test_a_request_that_is_late_when_it_is_entered_is_told_once_and_its_head_too(app: Any, run_jobs: Any) -> None:
    enter(app, MONDAY + 3 * HOUR, received_at=MONDAY)
    assert remind_at(app, run_jobs, MONDAY + 3 * HOUR) == [(STAFF, "Terlambat"), (HEAD, "Terlambat di unit Anda")]
    assert remind_at(app, run_jobs, MONDAY + 4 * HOUR) == []


def test_the_moments_of_a_promise_are_asked_for_when_it_begins(app: Any, run_jobs: Any) -> None:
    enter(app)
    planned = {datetime.fromisoformat(run["next_at"]) for run in run_jobs.runs("procedures.remind")}
    assert {MONDAY + timedelta(minutes=11, seconds=15), MONDAY + 15 * MINUTE} <= planned


def test_a_task_reminds_whoever_took_it_and_not_while_it_is_paused(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], run_jobs: Any
) -> None:
    task_id = first_task(program("kendal.staf"), start_case()["id"])["id"]

    def act(name: str, at: datetime, *given: Any) -> None:
        with app.app_context(), acting_as("kendal.staf", "kendal"), clock.frozen(at):
            service: Any = service_of(models["procedures.Task"])
            task = service.get(task_id)
            task.step.standard_minutes = 60
            for item in (*task.step.papers, *task.step.outputs):
                item.is_mandatory = False
            getattr(service, name)(task, *given)
            db.session.commit()

    act("take", MONDAY)
    assert remind_at(app, run_jobs, MONDAY + 40 * MINUTE) == []
    assert remind_at(app, run_jobs, MONDAY + 50 * MINUTE) == [("kendal.staf", "Segera jatuh tempo")]
    act("pause", MONDAY + 52 * MINUTE, "partner")
    assert remind_at(app, run_jobs, MONDAY + 2 * HOUR) == []
    act("resume", MONDAY + 2 * HOUR)
    assert remind_at(app, run_jobs, MONDAY + 2 * HOUR + MINUTE) == []
    assert remind_at(app, run_jobs, MONDAY + 2 * HOUR + 9 * MINUTE) == [("kendal.staf", "Terlambat")]
    act("done", MONDAY + 2 * HOUR + 10 * MINUTE, [], {}, None)
    assert remind_at(app, run_jobs, MONDAY + 28 * HOUR) == []


def test_what_was_told_keeps_nothing_newer_from_being_told_where_the_superior_is_not(
    app: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addons.procedures.services.reminder.AT_ONCE", 1)
    without_superior(app)
    enter(app)
    assert remind_at(app, run_jobs, MONDAY + HOUR) == [(STAFF, "Terlambat")]
    enter(app, MONDAY + HOUR, title="Permohonan kedua")
    assert remind_at(app, run_jobs, MONDAY + 2 * HOUR) == [(STAFF, "Terlambat")]
    enter(app, MONDAY + 2 * HOUR, title="Permohonan ketiga")
    assert remind_at(app, run_jobs, MONDAY + 2 * HOUR + 12 * MINUTE) == [(STAFF, "Segera jatuh tempo")]


def test_two_worker_processes_remind_nobody_twice(app: Any, run_jobs: Any, tmp_path: Path) -> None:
    """Real processes and the real time: twenty requests of last week, and a dozen jobs that all want to remind."""
    from app.jobs.queue import defer

    long_ago = datetime.now(UTC) - timedelta(days=9)
    ids = [enter(app, datetime.now(UTC), title=f"Permohonan {number}", received_at=long_ago) for number in range(20)]
    with app.app_context():
        with acting_as_system("polibatam", "many ask at once"):
            for _ in range(12):
                defer(db.session(), "procedures.remind")
        db.session.commit()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SINERGI_")} | {
        "SINERGI_PROCESS": "worker",
        "SINERGI_DATABASE_URL": run_jobs.addresses.application,
        "SINERGI_DATA_DIR": str(tmp_path),
        "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, app.config["SETTINGS"].addons_path)),
    }
    command = [sys.executable, str(ROOT / "run.py"), "worker"]
    with (tmp_path / "said.txt").open("w") as output:
        workers = [
            subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT)
            for _ in range(2)
        ]
    try:
        deadline = time.monotonic() + 100
        while {run["state"] for run in run_jobs.runs("procedures.remind") if run["next_at"] is None} != {"succeeded"}:
            assert time.monotonic() < deadline, (tmp_path / "said.txt").read_text()
            time.sleep(0.5)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(60)
    lines = run_jobs.execute(
        "SELECT u.username, n.key FROM notification n JOIN ab_user u ON u.id = n.user_id WHERE n.addon = 'procedures'"
    )
    assert len(lines) == len(set(lines)) == 2 * 2 * len(ids), (
        "two promises each: one line to the staff, one to the head"
    )
    assert mails(run_jobs) == len(lines)

"""Ways that the data decide, steps beside each other that meet again, steps that repeat, and gates before others."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from addons.procedures.tests.conftest import load

pytestmark = pytest.mark.postgres

PROCEDURE = yaml.safe_load((Path(__file__).parent / "branching_procedure.yaml").read_text(encoding="utf-8"))
NUMBERS = itertools.count(1)
STAF, KABID = "kendal.staf", "kendal.kabid"


class Run:
    """A case of the branching procedure, worked on through the API."""

    def __init__(self, app: Any, program: Callable[..., Any], **partner: Any) -> None:
        self.app, self.program, self.procedure = (
            app,
            functools.cache(program),
            load(app, {**PROCEDURE, "code": f"SOP-CABANG-{next(NUMBERS)}"}),
        )
        values = {"name": "Perpustakaan Contoh Cabang", "level": "international", **partner}
        self.partner = self._made("partner", values) if partner else None
        self.case = self._made("case", {"title": "Cabang", "procedure": self.procedure, "partner": self.partner})

    def _made(self, resource: str, values: dict[str, Any]) -> int:
        answer = self.program("kendal.admin").api("POST", f"{resource}/", values)
        assert answer.status_code == 201, answer.text
        return int(answer.json["id"])

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks that are not over, oldest first."""
        query = f"(filters:!((col:case,opr:eq,value:{self.case})),order_column:id,page_size:100)"
        rows = self.program("kendal.admin").api("GET", f"task/?q={query}").json["result"]
        return [row for row in rows if row["state"] in {"held", "waiting", "taken"}]

    def open(self) -> dict[str, str]:
        """The numbers of the steps that are not over, with their states."""
        return {row["title"].split(".")[0]: row["state"] for row in self.tasks()}

    def task(self, key: str) -> int:
        return next(int(row["id"]) for row in self.tasks() if row["title"].startswith(f"{key}."))

    def take(self, key: str, who: str = STAF) -> int:
        task = self.task(key)
        answer = self.program(who).api("POST", f"task/{task}/do/take")
        assert answer.status_code == 200, answer.text
        return task

    def do(self, key: str, who: str = STAF, choice: str | None = None) -> None:
        answer = self.program(who).api("POST", f"task/{self.take(key, who)}/do/done", {"choice": choice})
        assert answer.status_code == 200, answer.text

    def case_state(self) -> str:
        return str(self.program("kendal.admin").api("GET", f"case/{self.case}").json["result"]["state"])


@pytest.fixture
def run(app: Any, program: Callable[..., Any]) -> Callable[..., Run]:
    return lambda **partner: Run(app, program, **partner)


def test_the_country_of_the_partner_decides_the_way_and_the_executor_reads_why(
    run: Callable[..., Run], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    abroad = run(country="MY")
    task = abroad.take("1")
    page = person(STAF).get(f"/procedures/task/{task}").text
    assert "The data of the case decide: “Luar negeri”." in page
    assert "Country of the partner: Malaysia" in page
    refused = program(STAF).api("POST", f"task/{task}/do/done", {"choice": "dalam"})
    assert refused.status_code == 422
    assert "Dalam negeri" in refused.json["errors"]["choice"][0]
    assert "Malaysia" in refused.json["errors"]["choice"][0]
    assert program(STAF).api("POST", f"task/{task}/do/done", {}).status_code == 200
    assert abroad.open() == {"5": "waiting"}


def test_a_unit_of_our_own_takes_the_way_at_home_whatever_its_country(run: Callable[..., Run]) -> None:
    inside = run(is_internal_unit=True)
    inside.do("1")
    assert inside.open() == {"2": "waiting"}


def test_a_value_that_is_missing_leaves_the_choice_to_the_executor(
    run: Callable[..., Run], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    unknown = run()
    task = unknown.take("1")
    assert "The data of the case do not decide this" in person(STAF).get(f"/procedures/task/{task}").text
    refused = program(STAF).api("POST", f"task/{task}/do/done", {})
    assert refused.json["errors"]["choice"] == ["Choose how it goes on."]
    assert program(STAF).api("POST", f"task/{task}/do/done", {"choice": "luar"}).status_code == 200
    assert unknown.open() == {"5": "waiting"}


def test_a_repeating_step_begins_again_and_steps_beside_each_other_meet_at_the_join(run: Callable[..., Run]) -> None:
    home = run(country="ID")
    home.do("1")
    home.do("2", choice="again")
    assert home.open() == {"2": "waiting"}, "another round"
    home.do("2", choice="next")
    assert home.open() == {"3": "waiting", "4": "waiting"}, "both begin"
    home.do("3")
    assert home.open() == {"4": "waiting", "6": "held"}, "the join waits for the other way"
    assert home.case_state() == "open"
    home.do("4", KABID)
    assert home.open() == {"6": "waiting"}
    home.do("6", KABID)
    assert home.case_state() == "closed"


def test_two_processes_that_finish_the_last_ways_at_once_begin_the_join_once(app: Any, run: Callable[..., Run]) -> None:
    for _round in range(3):
        home = run(country="ID", name=f"Perpustakaan Contoh {_round}")
        home.do("1")
        home.do("2", choice="next")
        last = [(home.take("3"), STAF), (home.take("4", KABID), KABID)]
        assert at_once(app, [lambda task=task, who=who: finish(task, who) for task, who in last]) == [0, 0]
        assert home.open() == {"6": "waiting"}
        home.do("6", KABID)
        assert home.case_state() == "closed"


def finish(task_id: int, who: str) -> None:
    """Finish a taken task in a process of its own."""
    from addons.procedures.services.task import TaskService
    from app.access.acting import acting
    from app.database.session import db

    with acting(who, "kendal"):
        TaskService().done(TaskService().get(task_id), [], {}, None)
        db.session.commit()


def at_once(app: Any, works: list[Callable[[], None]]) -> list[int]:
    """Do ``works`` at the same moment, each in a process with connections of its own; returns their exit codes."""
    from app.database.session import db

    reading, writing = os.pipe()
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(writing)
                with app.app_context():
                    db.engine.dispose(close=False)
                    os.read(reading, 1)
                    work()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    os.close(reading)
    os.close(writing)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def signed_agreement(app: Any, run: Run, kind: str) -> int:
    """An agreement of the case, signed and ready to come into force."""
    from sqlalchemy import select

    from app.access.acting import acting_as_system
    from app.database.base import models
    from app.database.session import db
    from app.i18n.formats import today_here

    Agreement, AgreementKind = models["agreements.Agreement"], models["agreements.AgreementKind"]  # noqa: N806
    with app.app_context(), acting_as_system("kendal", "an agreement that was signed"):
        found = db.session.scalar(select(AgreementKind).where(AgreementKind.code == kind))
        agreement = Agreement(
            title=f"Naskah {kind}", kind=found, partner_id=run.partner, case_id=run.case, state="signed",
            number=f"{kind}/CONTOH/{run.case}", signed_on=today_here(), starts_on=today_here(),
        )  # fmt: skip
        db.session.add(agreement)
        db.session.commit()
        return int(agreement.id)


def test_what_waits_at_a_gate_is_refused_with_the_name_of_the_step(
    app: Any, run: Callable[..., Run], program: Callable[..., Any]
) -> None:
    home = run(country="ID")
    mou, moa = (signed_agreement(app, home, kind) for kind in ("MoU", "MoA"))
    home.do("1")
    home.do("2", choice="next")
    admin = program("kendal.admin")
    refused = admin.api("POST", f"agreement/{mou}/do/activate")
    assert (refused.status_code, refused.json["code"]) == (409, "gate_closed"), refused.text
    assert "4 “Melapor ke atas”" in refused.json["message"]
    assert admin.api("POST", f"agreement/{moa}/do/activate").status_code == 200, "only MoU wait"
    home.do("4", KABID)
    assert admin.api("POST", f"agreement/{mou}/do/activate").status_code == 200


def test_a_cancelled_case_says_why_stands_still_and_goes_on_when_it_is_opened_again(
    run: Callable[..., Run], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    home, admin = run(country="ID"), program("kendal.admin")
    home.do("1")
    home.do("2", choice="next")
    mute = admin.api("POST", f"case/{home.case}/do/cancel", {"cancel_reason": "..."})
    assert mute.json["errors"]["cancel_reason"] == ["Say why the case is cancelled."]
    staf = program(STAF).api("POST", f"case/{home.case}/do/cancel", {"cancel_reason": "Mitra mundur"})
    assert staf.status_code == 403
    cancelled = admin.api("POST", f"case/{home.case}/do/cancel", {"cancel_reason": "Mitra mundur"})
    assert cancelled.json["result"]["state"] == "cancelled", cancelled.text
    assert home.open() == {}
    thread = person("kendal.admin").get(f"/procedures/case/{home.case}/timeline").text
    assert "Mitra mundur" in thread
    again = admin.api("POST", f"case/{home.case}/do/reopen", {"reopen_reason": "Mitra kembali"})
    assert again.status_code == 200, again.text
    assert home.open() == {"3": "waiting", "4": "waiting"}, "what had ended with it waits again"
    assert "Mitra kembali" in person("kendal.admin").get(f"/procedures/case/{home.case}/timeline").text


def test_a_closed_case_that_is_opened_again_goes_on_with_its_last_step(
    run: Callable[..., Run], program: Callable[..., Any]
) -> None:
    abroad, admin = run(country="MY"), program("kendal.admin")
    abroad.do("1")
    abroad.do("5")
    assert abroad.case_state() == "closed"
    assert admin.api("POST", f"case/{abroad.case}/do/reopen", {"reopen_reason": "Susulan"}).status_code == 200
    assert abroad.open() == {"5": "waiting"}
    abroad.do("5")
    assert abroad.case_state() == "closed"


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ({"field": "partner.email", "operator": "=", "value": "x"}, "partner.email"),
        ({"field": "partner.country", "operator": "like", "value": "I%"}, "like"),
        ({"field": "partner.country", "operator": "=", "value": "Indonesia"}, "Indonesia"),
        ({"field": "partner.country", "operator": "in", "value": "ID"}, "daftar nilai"),
        ({"field": "partner.country", "operator": "="}, "kolom, operator, dan nilai"),
        ("partner.country = ID", "kolom, operator, dan nilai"),
    ],
)
def test_a_condition_that_nobody_could_decide_is_refused_when_it_is_loaded(
    app: Any, condition: Any, wrong: str
) -> None:
    import copy

    from app.errors import AddonError

    values = copy.deepcopy(PROCEDURE)
    values["steps"][0]["branches"][1]["condition"] = condition
    with pytest.raises(AddonError, match="step 1") as refusal:
        load(app, values)
    assert wrong in str(refusal.value)

"""Role × model × operation × state: what access.csv says, read here by hand, is what everybody gets; nothing more."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tests.security.world import World

ROOT = Path(__file__).resolve().parents[2]
INSTITUTION = "kendal"
RECORD_OPERATIONS = ("read", "create", "write", "archive")

Expected = dict[tuple[str, str], dict[str, set[str]]]


def expected_rights(addons: set[str]) -> Expected:
    """(role, model) → operation → scopes, straight from the files; ``""`` is every row."""
    found: Expected = defaultdict(lambda: defaultdict(set))
    folders = {"kernel": ROOT / "app", **{name: ROOT / "addons" / name for name in addons}}
    for name, folder in folders.items():
        path = folder / "security" / "access.csv"
        if not path.exists():
            continue
        for line in csv.DictReader(path.open(encoding="utf-8")):
            owner = line["model"].split(".")[0]
            if line["role"] and owner in folders:
                role = line["role"] if "." in line["role"] else f"{name}.{line['role']}"
                for operation in line["operations"].split():
                    found[role, line["model"]][operation].add(line["scope"])
    return found


@pytest.fixture(scope="module")
def addons(empty_world: World) -> set[str]:
    """The addons that Kendal has enabled."""
    with empty_world.owner() as connection:
        rows = connection.execute(
            "SELECT e.addon FROM addon_enablement e JOIN institution i ON i.id = e.institution_id "
            "WHERE e.enabled AND i.code = %s",
            [INSTITUTION],
        ).fetchall()
    return {name for (name,) in rows}


@pytest.fixture(scope="module")
def expected(addons: set[str]) -> Expected:
    """What the files say for Kendal."""
    return expected_rights(addons)


@pytest.fixture(scope="module")
def people(empty_world: World, expected: Expected) -> dict[str, str]:
    """Role → the user name of somebody who has that role and nothing else."""
    roles = sorted({role for role, _model in expected})
    for role in roles:
        empty_world.newcomer(f"only.{role}", INSTITUTION, role)
    return {role: f"only.{role}" for role in roles}


def models_here(addons: set[str]) -> list[str]:
    from app.database.base import models

    return [key for key in models if key.split(".")[0] in addons | {"kernel"}]


def test_every_role_may_exactly_what_the_files_say(
    empty_world: World, addons: set[str], expected: Expected, people: dict[str, str]
) -> None:
    from app.access.acting import acting
    from app.registry.loader import operations_of

    wrong, cells = [], 0
    for role, username in people.items():
        with empty_world.app.app_context(), acting(username, INSTITUTION) as access:
            for key in models_here(addons):
                rows = expected.get((role, key), {})
                for operation in operations_of(key):
                    cells += 1
                    wanted = frozenset(rows.get(operation, ()))
                    if access.may(key, operation) != bool(wanted):
                        wrong.append(f"{role} {key} {operation}: {access.may(key, operation)}")
                    elif access.granted.get((key, operation), frozenset()) != wanted:
                        wrong.append(f"{role} {key} {operation}: reaches {access.granted[key, operation]}")
    assert not wrong, "\n".join(wrong)
    assert cells > 1500


def test_every_role_is_offered_in_every_state_the_steps_that_start_there_and_that_it_may_take(
    empty_world: World, addons: set[str], expected: Expected, people: dict[str, str]
) -> None:
    from app.access.acting import acting
    from app.database.base import models
    from app.records.transitions import transitions_of
    from app.views.model_view import views
    from app.views.screen import Screen

    wrong, cells = [], 0
    for role, username in people.items():
        with empty_world.app.app_context(), acting(username, INSTITUTION):
            for key, view in views.items():
                if key.split(".")[0] not in addons or not transitions_of(models[key]):
                    continue
                for state in view.states():
                    record = models[key](state=state, **({"active": True} if hasattr(models[key], "active") else {}))
                    # A view may offer less, as who received a disposition does not receive it again.
                    offered = {step.name for step in Screen.transitions(view, record)}
                    wanted = {
                        step.name
                        for step in transitions_of(models[key])
                        if state in step.from_states and expected.get((role, key), {}).get(step.name)
                    }
                    cells += 1
                    if offered != wanted:
                        wrong.append(f"{role} {key} {state}: {sorted(offered)} instead of {sorted(wanted)}")
    assert not wrong, "\n".join(wrong)
    assert cells > 150


def test_the_command_lists_the_same_matrix_with_states_rows_and_source(
    empty_world: World, expected: Expected, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = json.loads(_command(empty_world, monkeypatch, "matrix", "--institution", INSTITUTION, "--json"))
    told = {(cell["role"], cell["model"], cell["operation"]): cell for cell in cells}
    wanted = {(role, model, operation) for (role, model), rows in expected.items() for operation in rows}
    assert {key for key in told if "." not in key[2]} == wanted
    for (role, model, operation), cell in told.items():
        assert set(cell["scope"]) == expected[role, model][operation] - {""} or "" in expected[role, model][operation]
        assert cell["source"], cell
    of_all = json.loads(_command(empty_world, monkeypatch, "matrix", "--json"))
    assert [cell for cell in of_all if cell["institution"] == INSTITUTION] == cells
    assert len({cell["institution"] for cell in of_all}) == 3
    one = json.loads(_command(empty_world, monkeypatch, "matrix", "--role", "unair.humas", "--json"))
    assert {cell["institution"] for cell in one} == {"unair"}
    sign = told["kendal.kepala_dinas", "agreements.Agreement", "sign"]
    assert (sign["states"], sign["scope"], sign["source"]) == (["draft"], [], ["kendal.kepala_dinas_agreement"])
    own = told["kernel.administrator", "partners.PartnerKind", "write"]
    assert own["scope"] == ["partners.own_institution"]


def test_the_command_explains_one_right_of_one_person(
    empty_world: World, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*words: str) -> Any:
        common = ("--user", people["kendal.staf"], "--json")  # whoever works in one institution is asked about there
        return json.loads(_command(empty_world, monkeypatch, "explain", *words, *common))

    answer = ask("--model", "partners.Partner", "--operation", "create")
    assert answer["allowed"] is True
    assert any("kendal.staf_partner" in reason["text"] for reason in answer["reasons"])
    assert ask("--model", "partners.Partner", "--operation", "archive")["allowed"] is False
    with empty_world.app.app_context():
        from app.database.session import db

        db.session.execute(text("SELECT 1"))
    with empty_world.owner() as connection:
        number = connection.execute(
            "SELECT p.id FROM partners_partner p JOIN institution i ON i.id = p.institution_id WHERE i.code = %s",
            [INSTITUTION],
        ).fetchone()[0]
    reached = ask("--model", "partners.Partner", "--operation", "write", "--record", str(number))
    assert reached["allowed"] is True
    assert "is reached" in reached["reasons"][-1]["text"]


def test_a_step_that_a_role_may_not_take_is_refused_in_every_state(
    world: World, addons: set[str], expected: Expected, people: dict[str, str]
) -> None:
    from app.database.base import models
    from app.records.transitions import transitions_of
    from app.views.model_view import views

    tried = 0
    for role in sorted(people)[:6]:
        program = world.program(people[role])
        for key, view in views.items():
            if not view.resource or key.split(".")[0] not in addons:
                continue
            number = world.ids[INSTITUTION][key]
            forbidden = [
                step.name for step in transitions_of(models[key]) if not expected.get((role, key), {}).get(step.name)
            ]
            for name in forbidden:
                answer = program.http.post(f"/api/v1/{view.resource}/{number}/do/{name}", headers=program.headers)
                assert answer.status_code == 403, f"{role} {key} {name}: {answer.status_code}"
                tried += 1
    assert tried > 20


def _command(world: World, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    from contextlib import contextmanager

    import app.cli.access as command

    @contextmanager
    def application() -> Any:
        with world.app.app_context():
            yield world.app

    monkeypatch.setattr(command, "application", application)
    result = CliRunner().invoke(command.access, list(words))
    assert result.exit_code == 0, result.output
    return result.output

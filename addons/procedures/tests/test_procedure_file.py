"""Procedures as files: what goes out comes in again, and every mistake is told with its place."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database.session import db

ACTIVITIES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=40)
WORDS = ACTIVITIES.map(str.strip).filter(lambda text: bool(text) and "\n" not in text)


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """A document that can be kept: any steps, ways, papers, outputs and doubts."""
    keys = [str(number + 1) for number in range(draw(st.integers(1, 6)))]
    executors = [
        {"key": "staf", "name": draw(WORDS), "position": "kendal.position_staf_pustakawan"},
        {"key": "luar", "name": draw(WORDS), "external": True},
    ]
    return {
        "code": "SOP-ACAK",
        "edition": 1,
        "title": draw(WORDS),
        "kind": "SOP AP",
        "identity": {
            "unit": draw(WORDS),
            "warnings": draw(st.lists(WORDS, max_size=2)),
            "number": None,
            "signers": [{"role": draw(WORDS), "name": draw(WORDS)}],
        },
        "executors": executors,
        "records": [{"name": draw(WORDS)}, {"name": draw(WORDS), "kind": "agreements.Agreement"}],
        "start": draw(st.sampled_from(keys)),
        "steps": [draw(steps(key, keys)) for key in keys],
        "confirmations": [
            {"step": keys[0], "field": "executor", "literal": draw(WORDS), "confidence": "low", "candidates": ["staf"]},
            {"field": "retention", "confidence": "unknown", "note": draw(WORDS)},
        ],
    }


@st.composite
def steps(draw: Any, key: str, keys: list[str]) -> dict[str, Any]:
    """A step among the steps ``keys`` with any of what a step can have."""
    step: dict[str, Any] = {"key": key, "activity": draw(WORDS), "executor": draw(st.sampled_from(["staf", "luar"]))}
    if draw(st.booleans()):
        step |= {"standard_minutes": draw(st.integers(1, 60_000)), "remark": draw(WORDS)}
        step |= {"clock_mode": "working_days"}
    for name, value in (("may_repeat", True), ("waits_for_all", True), ("printed", False)):
        step |= {name: value} if draw(st.booleans()) else {}
    if papers := draw(st.lists(WORDS, max_size=2)):
        step["papers"] = [{"name": name, "mandatory": draw(st.booleans())} for name in papers]
    if draw(st.booleans()):
        condition = {"field": "kind.code", "operator": "in", "value": ["MoU", "MoA"]}
        step["gates"] = [{"model": "agreements.Agreement", "transition": "activate", "condition": condition}]
    targets, beside = st.sampled_from([*keys, "end"]), st.lists(st.sampled_from(keys), unique=True, max_size=2)
    if draw(st.booleans()):
        step["question"] = draw(WORDS)
        step["branches"] = draw(branches(keys, targets, beside))
        step["outputs"] = [{"name": draw(WORDS), "mandatory": True, "when": "ya", "on_return": "new"}]
        step["outputs"] += [
            {"name": draw(WORDS), "kind": "agreements.Agreement", "mandatory": False, "state": ["signed"]}
        ]
    else:
        step["next"] = draw(targets)
        step |= {"parallel": parallel} if (parallel := draw(beside)) else {}
    return step


@st.composite
def branches(draw: Any, keys: list[str], targets: Any, beside: Any) -> list[dict[str, Any]]:
    """Two ways on with any of what a way can have."""
    first: dict[str, Any] = {"key": "ya", "label": draw(WORDS), "to": draw(targets)}
    other = {"key": "tidak", "label": draw(WORDS), "to": draw(targets), "note_required": True, "note": draw(WORDS)}
    if draw(st.booleans()):
        first["also"] = [{"step": draw(st.sampled_from(keys)), "name": draw(WORDS)}]
        other |= {"nothing_on_return": True, "printed": False}
    if draw(st.booleans()):
        first["condition"] = {"field": "partner.country", "operator": "=", "value": "ID"}
    return [{**first, "parallel": parallel} if (parallel := draw(beside)) else first, other]


def taken_over(content: str) -> dict[str, Any]:
    """``content`` read in as a draft and told again."""
    from addons.procedures.services.procedure_document import document_of, position_names
    from addons.procedures.services.procedure_file import import_procedure, read_file

    document, problems = read_file(content.encode())
    assert not [problem for problem in problems if problem.breaks], [str(item) for item in problems]
    draft = import_procedure(document)
    db.session.flush()
    draft_id = draft.id
    db.session.expire_all()
    return document_of(db.session.get(type(draft), draft_id), position_names())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_what_is_exported_and_imported_is_exported_equal(acting: Callable[..., Any], document: dict[str, Any]) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_file import as_json, as_yaml

    with acting("kendal.admin", "kendal"):
        assert taken_over(yaml.safe_dump(document, allow_unicode=True)) == document
        draft = db.session.query(Procedure).filter_by(code="SOP-ACAK").one()
        for number, written in enumerate((as_yaml(draft), as_json(draft)), 2):
            assert taken_over(written) == {**document, "edition": number}
        db.session.rollback()


def test_kendals_sop_is_exported_as_the_data_file_that_brought_it(acting: Callable[..., Any]) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_file import as_yaml

    with acting("kendal.admin", "kendal"):
        entry = yaml.safe_load(as_yaml(db.session.query(Procedure).one()))[0]
        again = taken_over(yaml.safe_dump([entry]))
    shipped = yaml.safe_load((Path(__file__).parents[2] / "kendal/data/procedure.yaml").read_text(encoding="utf-8"))[0]
    assert entry["model"] == shipped["model"]
    for name in ("code", "edition", "title", "kind", "identity", "records", "start"):
        assert entry["values"][name] == shipped["values"][name], name
    assert [step["activity"] for step in entry["values"]["steps"]] == [
        step["activity"] for step in shipped["values"]["steps"]
    ]
    assert len(entry["values"]["confirmations"]) == len(shipped["values"]["confirmations"])
    assert again == {**entry["values"], "edition": shipped["values"]["edition"] + 1}


FAULTY = """\
code: SOP-SALAH
title: Contoh yang salah
executors:
  - {key: staf, name: Staf}
start: "1"
steps:
  - key: "1"
    activity: Mencatat
    executor: staf
    outputs:
      - {name: Naskah, kind: agreements.Perjanjian}
      - {name: Surat, kind: correspondence.OutgoingLetter, state: terkirim}
    next: "2"
  - key: "2"
    activity: Memeriksa
    executor: kepala
    next: "9"
  - key: "3"
    activity: Mengulang
    executor: staf
    next: "4"
  - key: "4"
    activity: Mengulang lagi
    executor: staf
    next: "3"
"""


def test_every_problem_is_told_with_its_line_and_step(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.procedure_file import read_file

    with acting("kendal.admin", "kendal"), force_locale("en"):
        _document, problems = read_file(FAULTY.encode())
        told = {str(problem) for problem in problems if problem.is_error}
    assert told == {
        "line 4 · Executor Staf: No position: nobody could do the steps of this executor.",
        "Step 1 · line 11 · Output “Naskah”: There are no records of the kind agreements.Perjanjian here.",
        "Step 1 · line 12 · Output “Surat”: correspondence.OutgoingLetter has no state terkirim.",
        "Step 2 · line 16 · Executor: The executor kepala is not declared.",
        "Step 2 · line 14 · Goes on to: Leads to step 9, which does not exist.",
        "Step 3 · line 18: No way leads to this step.",
        "Step 4 · line 22: No way leads to this step.",
        "Step 3 · line 18 · Goes on to: An endless loop: 3 → 4 → 3 never leads to the end.",
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "The file is not a text in UTF-8."),
        (b"a: [", "line 2: The file is neither YAML nor JSON."),
        (b"- just a list", "line 1: Words with their values are expected here."),
        (b"code: X\ntitel: Y\n", "line 2 · titel: This word is not known here."),
        (b"a: &a [1]\nb: *a\n", "Aliases are not read: a few can stand for a text of any size."),
        (
            b"code: X\nsteps:\n- {key: 1, activity: A, executor: s, standard_minutes: -5}\n",
            "line 3 · steps 1 › standard_minutes: This is not of the right kind.",
        ),
        (b"x" * 600_001, "The file is too large."),
    ],
    ids=["bytes", "broken", "list", "word", "alias", "minutes", "large"],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(acting: Callable[..., Any], content: bytes, told: str) -> None:
    from addons.procedures.services.procedure_file import read_file

    with acting("kendal.admin", "kendal"), force_locale("en"):
        document, problems = read_file(content)
    assert document == {}
    assert told in [str(problem) for problem in problems]


def test_mistakes_of_form_and_of_sense_are_told_together(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.procedure_file import read_file

    text = FAULTY.replace("title: Contoh yang salah", "title: ''\nwarna: biru")
    with acting("kendal.admin", "kendal"), force_locale("en"):
        document, problems = read_file(text.encode())
    told = [str(problem) for problem in problems]
    assert document == {}
    assert [line for line in told if "title" in line or "warna" in line][:2]
    assert len([line for line in told if line.startswith("line 2")]) == 1, "what has no title is told once"
    assert "Step 3 · line 19 · Goes on to: An endless loop: 3 → 4 → 3 never leads to the end." in told
    assert any("The executor kepala is not declared." in line for line in told)


def test_what_nobody_here_could_do_or_give_is_told(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.procedure_file import read_file

    text = FAULTY.replace("{key: staf, name: Staf}", "{key: staf, name: Sekolah, external: true}")
    text = text.replace("kind: agreements.Perjanjian", "kind: polibatam.Monitoring")
    with acting("kendal.admin", "kendal"), force_locale("en"):
        problems = {str(problem): problem.is_error for problem in read_file(text.encode())[1]}
    party = "An outside party does no step here: name the position that records what they do."
    assert problems[f"line 4 · Executor Sekolah: {party}"]
    foreign = "Monitoring: of an addon that is not used here. The step does not ask for it."
    assert problems[f"Step 1 · line 11 · Output “Naskah”: {foreign}"] is False


def test_a_position_that_does_not_exist_here_leaves_nothing_behind(acting: Callable[..., Any]) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_file import import_procedure, read_file
    from app.errors import Invalid

    faulty = FAULTY.replace("name: Staf}", "name: Staf, position: Penjaga Pintu}").replace('next: "9"', "next: end")
    document, _problems = {}, []
    with acting("kendal.admin", "kendal"), force_locale("en"):
        document, _problems = read_file(faulty.replace("executor: kepala", "executor: staf").encode())
        with pytest.raises(Invalid) as refused:
            import_procedure(document)
        db.session.rollback()
        assert refused.value.errors["file"] == ["Executors: The position Penjaga Pintu does not exist here."]
        assert db.session.query(Procedure).filter_by(code="SOP-SALAH").count() == 0


def test_json_and_yaml_say_the_same(acting: Callable[..., Any]) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_file import as_json, as_yaml

    with acting("kendal.admin", "kendal"):
        procedure = db.session.query(Procedure).one()
        assert json.loads(as_json(procedure)) == yaml.safe_load(as_yaml(procedure))


def test_branches_conditions_joins_and_gates_survive_export_and_import(acting: Callable[..., Any]) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_file import as_yaml

    text = (Path(__file__).parent / "branching_procedure.yaml").read_text(encoding="utf-8")
    with acting("kendal.admin", "kendal"):
        told = taken_over(text)
        draft = db.session.query(Procedure).filter_by(code="SOP-CABANG").one()
        assert taken_over(as_yaml(draft)) == {**told, "edition": 2}
        db.session.rollback()
    steps = {step["key"]: step for step in told["steps"]}
    assert [way["condition"]["field"] for way in steps["1"]["branches"][:2]] == [
        "partner.is_internal_unit",
        "partner.country",
    ]
    assert (steps["2"]["parallel"], steps["2"]["may_repeat"], steps["6"]["waits_for_all"]) == (["4"], True, True)
    assert steps["4"]["gates"][0]["condition"] == {"field": "kind.code", "operator": "=", "value": "MoU"}


def test_the_sops_that_are_shipped_have_no_mistake(app: Any) -> None:
    from addons.procedures.services.procedure_file import read_file

    with app.test_request_context(), force_locale("en"):
        for path in sorted(Path(__file__).parents[2].glob("*/data/procedure*.yaml")):
            _document, problems = read_file(path.read_bytes())
            assert [f"{path.parts[-3]}: {item}" for item in problems if item.is_error] == []


def long_document(steps: int, position: str = "kendal.position_staf_pustakawan") -> bytes:
    """A file of an SOP with so many ``steps``, one after the other."""
    known = [{"key": "staf", "name": "Staf", "position": position}]
    listed = [
        {"key": str(number), "activity": f"Langkah {number}", "executor": "staf", "next": str(number + 1)}
        for number in range(1, steps + 1)
    ]
    listed[-1]["next"] = "end"
    values = {"code": "SOP-PANJANG", "title": "Panjang", "start": "1", "executors": known, "steps": listed}
    return json.dumps(values).encode()


def uploaded(admin: Any, content: bytes) -> Any:
    """What the page answers to a file."""
    file = {"file": (io.BytesIO(content), "sop.json")}
    return admin.send("/procedures/version/import", file, form_at="/procedures/version/import")


def test_a_long_file_is_taken_over_by_a_job_that_leads_to_the_draft(person: Any, run_jobs: Any) -> None:
    from addons.procedures.services.procedure_file import AT_ONCE

    admin = person("kendal.admin")
    short = uploaded(admin, long_document(AT_ONCE))
    assert short.headers["Location"].startswith("/procedures/editor/"), "what is short is there at once"
    answer = uploaded(admin, long_document(AT_ONCE + 101))
    address = answer.headers["Location"]
    assert address.startswith("/kernel/my-jobs/")
    assert uploaded(admin, long_document(AT_ONCE + 101)).headers["Location"] == "/kernel/my-jobs/", "not twice"
    run_jobs()
    page = admin.get(address).text
    draft = re.search(r'href="(/procedures/editor/\d+)"', page)
    assert draft, page
    assert f"Langkah {AT_ONCE + 101}" in admin.get(draft[1]).text
    told = run_jobs.execute("SELECT url FROM notification WHERE addon = 'kernel'")
    assert told == [(draft[1],)], "who went on to other pages is led there, too"
    [(done, total)] = run_jobs.execute("SELECT done, total FROM job_progress")
    assert done == total == 2 * (AT_ONCE + 101)


def test_problems_of_a_long_file_are_told_at_once_with_their_place(person: Any, run_jobs: Any) -> None:
    admin = person("kendal.admin")
    nowhere = json.loads(long_document(200))
    nowhere["steps"][119]["next"] = "999"
    answer = uploaded(admin, json.dumps(nowhere, indent=1).encode())
    assert answer.status_code == 422
    assert re.search(r"line \d+[^<]*", answer.text)
    assert "999" in answer.text
    answer = uploaded(admin, long_document(200, "kendal.position_of_nobody"))
    assert answer.status_code == 422
    assert "kendal.position_of_nobody" in answer.text
    assert run_jobs.waiting() == 0


def test_a_cancelled_import_leaves_no_draft(
    person: Any, run_jobs: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from addons.procedures.services import procedure

    admin, fill = person("kendal.admin"), procedure.fill_step
    address = uploaded(admin, long_document(300)).headers["Location"]
    cancelled: list[int] = []

    def cancel_meanwhile(step: Any, *given: Any) -> None:
        if step.key == "50" and not cancelled:
            cancelled.append(run_jobs.apart(cancel).status_code)
        fill(step, *given)

    def cancel() -> Any:
        return admin.send(f"{address}/cancel", {}, form_at=address)

    monkeypatch.setattr(procedure, "fill_step", cancel_meanwhile)
    monkeypatch.setattr("app.jobs.progress.SECONDS_BETWEEN_REPORTS", 0)
    run_jobs()
    assert cancelled == [302]
    assert run_jobs.runs("procedures.import_procedure")[0]["state"] == "cancelled"
    assert run_jobs.execute("SELECT count(*) FROM procedures_procedure WHERE code = 'SOP-PANJANG'") == [(0,)]
